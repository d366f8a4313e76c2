"""A phone's authenticator app: TOTP codes (RFC 6238) by oathtool, each used once."""

import subprocess
import time

STEP_SECONDS = 30


class Authenticator:
    """A server takes a code once, one step of drift to either side. So the code after the last used one is given, which
    may be the next step's; only when that too is used up, the clock is waited for."""

    def __init__(self, secret: str) -> None:
        self.secret = secret.replace(" ", "").upper()
        self._used = 0

    def code(self) -> str:
        now = int(time.time()) // STEP_SECONDS
        step = max(now, self._used + 1)
        while step > now + 1:
            time.sleep(0.5)
            now = int(time.time()) // STEP_SECONDS
        self._used = step
        return self.code_at(step)

    def code_at(self, step: int) -> str:
        run = subprocess.run(["oathtool", "--totp", "--base32", "--now", f"@{step * STEP_SECONDS}", self.secret],
                             check=True, stdout=subprocess.PIPE, text=True)
        return run.stdout.strip()
