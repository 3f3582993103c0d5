"""Arrays in, one small frozen result out. No files, no engine, no people."""
