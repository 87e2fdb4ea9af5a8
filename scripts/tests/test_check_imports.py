"""The import check finds what it must."""

import importlib.machinery
import importlib.util
import os
import tempfile
import unittest

PATH = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "check-imports")
loader = importlib.machinery.SourceFileLoader("check_imports", PATH)
spec = importlib.util.spec_from_loader("check_imports", loader)
check = importlib.util.module_from_spec(spec)
loader.exec_module(check)


class ImportTests(unittest.TestCase):
    def test_every_form_of_import_is_seen(self):
        text = (
            "import A\npublic import B\n@preconcurrency internal import C\nimport struct D.Thing\n  import E\n"
            "@_exported import F\n// import G\nlet important = 1\n"
            'let text = """\nimport H\n"""\n'
        )
        self.assertEqual([module for _, module in check.imports(text)], list("ABCDEF"))

    def test_an_import_outside_the_table_is_named_with_its_line(self):
        with tempfile.TemporaryDirectory() as root:
            for target, text in (("Low", "import Glibc\n\nimport Curl\n"), ("High", "import Low\n"), ("New", "")):
                os.makedirs(os.path.join(root, "Sources", target))
                with open(os.path.join(root, "Sources", target, "File.swift"), "w", encoding="utf-8") as file:
                    file.write(text)
            found = list(check.problems(root, {"Low": set(), "High": {"Low"}, "Gone": set()}))
        self.assertEqual(len(found), 3)
        self.assertIn("`Gone`", found[0])
        self.assertIn("Sources/Low/File.swift:3: Low may not import Curl", found[1])
        self.assertIn("Sources/New", found[2])

    def test_the_table_is_read_from_markdown(self):
        text = "| Target | What | May import |\n| --- | --- | --- |\n| `A` | x | `B`, `C` |\n| `B` | y | |\n"
        self.assertEqual(check.rules(text), {"A": {"B", "C"}, "B": set()})


if __name__ == "__main__":
    unittest.main()
