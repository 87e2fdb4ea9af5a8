"""The golden retries are what botocore decides. Runs only where the pinned botocore is: scripts/test has it in its venv."""

import os
import subprocess
import sys
import unittest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.realpath(__file__))))
VENV = os.path.join(ROOT, ".tidemark", "venv", "bin", "python3")


class GoldenRetries(unittest.TestCase):
    def test_the_file_is_what_botocore_decides(self):
        python = VENV if os.path.exists(VENV) else sys.executable
        done = subprocess.run([python, os.path.join(ROOT, "scripts", "golden-retries")], capture_output=True, text=True, check=False)
        if done.returncode == 3:
            self.skipTest(done.stderr.strip())
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
