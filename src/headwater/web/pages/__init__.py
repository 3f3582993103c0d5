"""One module a page: read the request, call the use case, name the template."""
