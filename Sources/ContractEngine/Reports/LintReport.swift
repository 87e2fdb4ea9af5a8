internal import ContractModel
internal import JSONBytes

/// What `lint` found, as text and as JSON.
public struct LintReport: Sendable {
    /// The findings, gravest first.
    public var findings: [Finding]
    private let summary: String

    /// Lints a document.
    public init(_ document: ContractDocument) {
        findings = lint(document)
        summary = ContractReport.summary(of: document)
    }

    /// Whether anything was found that should stop a pipeline: an error or a warning. Notes inform.
    public var gates: Bool { findings.contains { $0.severity != .note } }

    /// How many findings there are of a severity.
    public func count(_ severity: Finding.Severity) -> Int { findings.count { $0.severity == severity } }

    /// "4 errors, 12 warnings, 1 note", or "no findings".
    public var verdict: String {
        let parts = Finding.Severity.allCases.compactMap { severity -> String? in
            let number = count(severity)
            return number == 0 ? nil : "\(number) \(severity.rawValue)\(number == 1 ? "" : "s")"
        }
        return parts.isEmpty ? "no findings" : parts.joined(separator: ", ")
    }

    /// The findings for people, in at most 110 columns where the documents' own names allow it.
    public func text(style: ReportStyle = .plain) -> String {
        var lines = [style(summary, .heading), ""]
        for finding in findings {
            let role: ReportStyle.Role =
                switch finding.severity {
                case .error: .error
                case .warning: .warning
                case .note: .note
                }
            let column = finding.column.map { ":\($0)" } ?? ""
            lines.append(
                style(finding.severity.rawValue, role)
                    + String(repeating: " ", count: 9 - finding.severity.rawValue.count)
                    + style(finding.rule, .emphasis) + "  " + style("\(finding.file):\(finding.line)\(column)", .faint))
            lines += TextWrap.lines(finding.message, indentation: 9)
            lines += TextWrap.lines(finding.advice, indentation: 9, first: "       → ")
            lines.append("")
        }
        lines.append(style(verdict, gates ? .warning : .good))
        return lines.joined(separator: "\n") + "\n"
    }

    /// `{"findings": [{"rule", "severity", "file", "line", "column"?, "message", "advice"}], "errors", "warnings",
    /// "notes"}`.
    public func json() -> String {
        var writer = JSONWriter(reserving: 4096)
        writer.beginObject()
        writer.key("findings")
        writer.beginArray()
        for finding in findings {
            writer.beginObject()
            writer.member("rule", finding.rule)
            writer.member("severity", finding.severity.rawValue)
            writer.member("file", finding.file)
            writer.member("line", finding.line)
            if let column = finding.column { writer.member("column", column) }
            writer.member("message", finding.message)
            writer.member("advice", finding.advice)
            writer.endObject()
        }
        writer.endArray()
        writer.member("errors", count(.error))
        writer.member("warnings", count(.warning))
        writer.member("notes", count(.note))
        writer.endObject()
        return writer.text + "\n"
    }
}
