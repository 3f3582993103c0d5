"""A site's signature under what it sends: that of OpenSSH, which Windows, macOS and Linux bring along, with a key the
site has.

SSH signatures (the SSHSIG format, `ssh-keygen -Y sign` and `-Y verify`; OpenSSH 8.2 and later). Headwater keeps no key
for it.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from headwater.domain.errors import Failed, Usage

NAMESPACE = "headwater-evidence"
"""What is signed for: a signature made for a letter or a commit is none under evidence."""
WHO = "site"
PUBLIC = re.compile(r"(?:ssh|ecdsa|sk-ssh|sk-ecdsa)-[A-Za-z0-9@.-]+ [A-Za-z0-9+/=]+")
SECONDS = 60


def sign(text: str, key: Path) -> tuple[str, str]:
    """The signature under a text, and the public key that shows whose it is. key: an SSH private key without a
    passphrase.

    Raises Usage where the file is no such key, Failed where OpenSSH is not installed.
    """
    with tempfile.TemporaryDirectory() as folder:
        signed = Path(folder) / "text"
        signed.write_text(text, encoding="utf-8")
        made = _ssh("-Y", "sign", "-f", str(key), "-n", NAMESPACE, str(signed))
        public = _ssh("-y", "-P", "", "-f", str(key))
        if made.returncode or public.returncode:
            said = (made.stderr or public.stderr).strip().splitlines()
            raise Usage(
                "this key does not sign",
                given=f"{key.name}: {said[-1] if said else 'OpenSSH gives no reason'}",
                allowed="an SSH private key without a passphrase",
                next_step="ssh-keygen -t ed25519 -N '' -f headwater-site",
            )
        return signed.with_suffix(".sig").read_text(encoding="ascii"), public_part(public.stdout)


def public_part(text: str) -> str:
    """The public key in a line of a .pub file, less its comment. Raises Usage where there is none."""
    found = PUBLIC.search(text)
    if found is None:
        raise Usage(
            "this is no public key",
            given=text.strip()[:60] or "nothing",
            allowed="the line of a .pub file of OpenSSH",
            next_step="ssh-keygen -y -f headwater-site",
        )
    return found[0]


def signed_by(text: str, signature: str, public: str, purpose: str = NAMESPACE) -> bool:
    """Whether the holder of this public key signed this text for this purpose. Raises Failed where OpenSSH is not
    installed."""
    with tempfile.TemporaryDirectory() as folder:
        signers, given = Path(folder) / "signers", Path(folder) / "signature"
        signers.write_text(f"{WHO} {public_part(public)}\n", encoding="ascii")
        given.write_text(signature, encoding="ascii", errors="replace")
        return not _ssh(
            "-Y", "verify", "-f", str(signers), "-I", WHO, "-n", purpose, "-s", str(given), said=text
        ).returncode


def _ssh(*words: str, said: str | None = None) -> subprocess.CompletedProcess[str]:
    """One call of ssh-keygen that asks nobody anything: where it would, it reads an empty line and fails."""
    program = shutil.which("ssh-keygen")
    if program is None:
        raise Failed(
            "signatures need OpenSSH, and ssh-keygen is not on this computer",
            given="ssh-keygen",
            allowed="Windows: Optional features, OpenSSH Client; macOS and Linux bring it",
            next_step="leave out --sign, and read the digest out to whoever pools",
        )
    try:
        done = subprocess.run(
            [program, *words],
            input=(said or "").encode(),
            capture_output=True,
            timeout=SECONDS,
            check=False,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired as problem:
        raise Failed(
            "OpenSSH did not answer",
            given=f"{SECONDS} seconds",
            next_step="use a key that needs no token and no passphrase",
        ) from problem
    # As bytes: what is signed must not have its line ends made those of the system.
    out, err = (one.decode("utf-8", "replace") for one in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)
