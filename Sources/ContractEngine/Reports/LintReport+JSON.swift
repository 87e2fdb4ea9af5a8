internal import JSONBytes

extension LintReport {
    /// `{"findings": [{"rule", "severity", "file", "line", "column"?, "pointer"?, "subject", "message", "advice"}],
    /// "suppressed": [{"rule", "subject", "file", "line", "reason"}], "guesses": [{"text", "patterns"?, "place"?}], "errors",
    /// "warnings", "notes"}`.
    public func json() -> String {
        var writer = JSONWriter(reserving: 4096)
        writer.beginObject()
        writer.key("findings")
        writer.beginArray()
        for finding in findings { write(finding, to: &writer) }
        writer.endArray()
        writer.key("suppressed")
        writer.beginArray()
        for entry in suppressed {
            writer.beginObject()
            writer.member("rule", entry.finding.rule)
            writer.member("subject", entry.finding.subject)
            writer.member("file", entry.finding.file)
            writer.member("line", entry.finding.line)
            writer.member("reason", entry.reason)
            writer.endObject()
        }
        writer.endArray()
        writer.key("guesses")
        writer.beginArray()
        for guess in guesses { write(guess, to: &writer) }
        writer.endArray()
        writer.member("errors", count(.error))
        writer.member("warnings", count(.warning))
        writer.member("notes", count(.note))
        writer.endObject()
        return writer.text + "\n"
    }

    private func write(_ finding: Finding, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("rule", finding.rule)
        writer.member("severity", finding.severity.rawValue)
        writer.member("file", finding.file)
        writer.member("line", finding.line)
        if let column = finding.column { writer.member("column", column) }
        if let pointer = finding.pointer { writer.member("pointer", pointer) }
        writer.member("subject", finding.subject)
        writer.member("message", finding.message)
        writer.member("advice", finding.advice)
        writer.endObject()
    }

    private func write(_ guess: Guess, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("text", guess.text)
        if let place = guess.place { writer.member("place", place) }
        if !guess.patterns.isEmpty {
            writer.key("patterns")
            writer.beginArray()
            for id in guess.patterns { writer.string(id) }
            writer.endArray()
        }
        writer.endObject()
    }
}
