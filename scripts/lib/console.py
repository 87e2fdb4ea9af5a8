"""How the demo prints: headings, aligned tables, colour on a terminal only."""

import os
import shutil
import sys

COLOURS = {"bold": "1", "dim": "2", "red": "31", "green": "32", "yellow": "33", "cyan": "36"}


class Console:
    """Writes to one stream, in colour where it is a terminal and NO_COLOR is not set."""

    def __init__(self, stream=None, environment=None):
        self.stream = stream or sys.stdout
        environment = os.environ if environment is None else environment
        self.is_terminal = self.stream.isatty()
        self.colour = self.is_terminal and not environment.get("NO_COLOR") and environment.get("TERM") != "dumb"
        self.width = min(shutil.get_terminal_size((110, 24)).columns, 120) if self.is_terminal else 110
        self.on_status = False

    def paint(self, text, *styles):
        if not self.colour or not styles:
            return text
        return f"\x1b[{';'.join(COLOURS[style] for style in styles)}m{text}\x1b[0m"

    def line(self, text="", *styles):
        self.clear_status()
        print(self.paint(text, *styles) if text else "", file=self.stream, flush=True)

    def heading(self, number, text):
        self.line()
        self.line(f"{number}  {text}" if number else text, "bold", "cyan")
        self.line("─" * self.width, "dim")

    def command(self, words):
        """The command as a reader would type it."""
        self.line(f"$ {words}", "dim")

    def status(self, text):
        """One line that the next output replaces; nothing in a pipe."""
        if self.is_terminal:
            print(f"\r\x1b[K{text[: self.width - 1]}", end="", file=self.stream, flush=True)
            self.on_status = True

    def clear_status(self):
        if self.on_status:
            print("\r\x1b[K", end="", file=self.stream, flush=True)
            self.on_status = False

    def output(self, text, limit=40):
        """What a tool printed, indented; a long text is cut and says so."""
        lines = text.rstrip("\n").split("\n")
        for line in lines[:limit]:
            self.line(f"  {line}".rstrip())
        if len(lines) > limit:
            left = len(lines) - limit
            self.line(f"  … and {left} more line{'s' if left > 1 else ''}", "dim")

    def table(self, header, rows, marks=None):
        """Columns as wide as their content; numbers stand right. `marks` colours rows by index."""
        for number, line in enumerate(table_lines(header, rows)):
            if number == 0:
                self.line(f"  {line}", "dim")
            else:
                style = (marks or {}).get(number - 1)
                self.line(f"  {line}", *([style] if style else []))


def table_lines(header, rows):
    """The lines of a table, header first."""
    cells = [[cell(value) for value in row] for row in [header, *rows]]
    widths = [max(len(row[i]) for row in cells) for i in range(len(header))]
    right = [bool(rows) and all(is_number(row[i]) for row in rows) for i in range(len(header))]
    return [
        "   ".join(
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(row, widths, right)
        ).rstrip()
        for row in cells
    ]


def is_number(value):
    return value is None or isinstance(value, (int, float)) and not isinstance(value, bool)


def cell(value):
    """Numbers with thousands apart, at most two decimals; nothing is a dash."""
    if value is None:
        return "–"
    if isinstance(value, float):
        return f"{value:,.0f}" if value == int(value) else f"{value:,.2f}"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)
