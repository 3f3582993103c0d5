"""Whether there is a Java that Spark runs on, asked without starting Spark."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

OLDEST = 17


def java_problem() -> str:
    """What is wrong with the Java that Spark would take; '' where nothing is."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home) / "bin")) if home else shutil.which("java")
    if found is None:
        return (
            f"JAVA_HOME is {home}, and there is no bin/java in it"
            if home
            else "JAVA_HOME is not set, and no java is on the path"
        )
    version = _version(found)
    if version is None:
        return f"{found} does not say its version"
    return "" if version >= OLDEST else f"{found} is Java {version}"


def _version(java: str) -> int | None:
    """17 for 17.0.15, 8 for 1.8.0, as `java -version` tells it on stderr."""
    try:
        told = subprocess.run([java, "-version"], capture_output=True, text=True, timeout=30, check=False).stderr
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(r'version "(?:1\.)?(\d+)', told)
    return int(match[1]) if match else None
