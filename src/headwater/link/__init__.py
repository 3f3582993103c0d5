"""Who is who across agencies."""
