"""The check of the documents finds Swift that no test compiles."""

import importlib.machinery
import importlib.util
import os
import unittest

PATH = os.path.join(os.path.dirname(os.path.realpath(__file__)), "..", "check-docs")
loader = importlib.machinery.SourceFileLoader("check_docs", PATH)
spec = importlib.util.spec_from_loader("check_docs", loader)
check = importlib.util.module_from_spec(spec)
loader.exec_module(check)

SOURCE = """import Testing
import Tidemark

enum Snippets {
    static func read() async throws {
        // snippet: read
        let a = 1
        if a > 0 {
            print(a)
        }

        print("done")
        // snippet-end
        _ = hidden
    }
}
"""


class SnippetTests(unittest.TestCase):
    def setUp(self):
        self.compiled, wrong = check.snippets("Source.swift", SOURCE)
        self.assertEqual(wrong, [])

    def is_excerpt(self, code):
        return check.is_excerpt(code, self.compiled)

    def test_a_snippet_and_a_part_of_one_are_excerpts_whatever_they_are_indented_by(self):
        self.assertTrue(self.is_excerpt('let a = 1\nif a > 0 {\n    print(a)\n}\n\nprint("done")\n'))
        self.assertTrue(self.is_excerpt("    print(a)"))
        self.assertTrue(self.is_excerpt("  if a > 0 {\n      print(a)\n  }"))

    def test_other_code_is_none(self):
        self.assertFalse(self.is_excerpt("let a = 2"))
        self.assertFalse(self.is_excerpt("let a ="))
        self.assertFalse(self.is_excerpt('let a = 1\nprint("done")'))
        self.assertFalse(self.is_excerpt("if a > 0 {\nprint(a)\n}"))

    def test_what_stands_outside_of_the_marks_is_none(self):
        self.assertFalse(self.is_excerpt("_ = hidden"))
        self.assertFalse(self.is_excerpt('print("done")\n_ = hidden'))

    def test_imports_before_the_code_have_to_be_those_of_its_file(self):
        self.assertTrue(self.is_excerpt("import Tidemark\n\nlet a = 1"))
        self.assertTrue(self.is_excerpt("import Testing\nimport Tidemark\n\nlet a = 1"))
        self.assertFalse(self.is_excerpt("import Foundation\n\nlet a = 1"))
        self.assertFalse(self.is_excerpt("import Tidemark\n\nlet b = 1"))

    def test_marks_without_a_partner_are_named(self):
        for text in ("// snippet: a\nlet a = 1\n", "let a = 1\n// snippet-end\n"):
            _, wrong = check.snippets("Source.swift", text)
            self.assertEqual(wrong, ["Source.swift: a snippet's begin and end do not stand in pairs"])
        _, wrong = check.snippets("Source.swift", "// snippet: a\n1\n// snippet: b\n2\n// snippet-end\n")
        self.assertEqual(len(wrong), 1)

    def test_a_document_s_problem_has_its_line(self):
        text = "Text\n\n```swift\nlet a = 1\n```\n\n- list\n\n  ```swift\n  let b = 1\n  ```\n\n```sh\nlet c = 1\n```\n"
        path = os.path.join(check.ROOT, "X.md")
        found = list(check.swift_problems(path, text, self.compiled))
        self.assertEqual(len(found), 1)
        self.assertIn("X.md:9: this Swift is no excerpt", found[0])

    def test_an_empty_block_is_named(self):
        path = os.path.join(check.ROOT, "X.md")
        self.assertEqual(len(list(check.swift_problems(path, "```swift\n```\n", self.compiled))), 1)

    def test_the_documents_have_swift_to_be_held_against_the_snippets(self):
        names = set()
        for path in check.documents():
            with open(path, encoding="utf-8") as file:
                if list(check.swift_blocks(file.read())):
                    names.add(os.path.basename(path))
        self.assertTrue({"README.md", "GettingStarted.md", "Expressions.md", "Paging.md"} <= names, names)


if __name__ == "__main__":
    unittest.main()
