internal import ContractModel

/// What `lint` found, as text, as JSON and as SARIF.
public struct LintReport: Sendable {
    /// The findings, gravest first, without what is suppressed.
    public var findings: [Finding]
    /// What is suppressed, with its reasons.
    public var suppressed: [SuppressedFinding] = []
    /// What was concluded by rule, since no document says it.
    public var guesses: [Guess]
    /// Whether the documents could not be used, so that what is found is why and nothing else.
    public internal(set) var isRefusal = false
    let summary: String
    /// The documents themselves, by their names: what places in them are counted by.
    let texts: [String: [UInt8]]

    /// Lints a document.
    ///
    /// - Parameters:
    ///   - suppressions: what the team lives with; entries that cover nothing become findings of their own.
    ///   - disabled: ids of rules that stay silent.
    public init(_ document: ContractDocument, suppressions: Suppressions? = nil, disabled: Set<String> = []) {
        findings = lint(document, disabled: disabled)
        summary = ContractReport.summary(of: document)
        texts = document.sources.texts
        guesses = Guess.readings(in: document) + Guess.all(in: document) + Guess.deletions(in: document)
        if let suppressions { apply(suppressions, disabled: disabled) }
    }

    private mutating func apply(_ suppressions: Suppressions, disabled: Set<String>) {
        var used: Set<Int> = []
        var kept: [Finding] = []
        for finding in findings {
            guard let place = suppressions.index(of: finding) else {
                kept.append(finding)
                continue
            }
            used.insert(place)
            suppressed.append(SuppressedFinding(finding: finding, reason: suppressions.entries[place].reason))
        }
        let rule = Rule.suppressionUnused
        for (place, entry) in suppressions.entries.enumerated()
        where !used.contains(place) && !disabled.contains(rule.rawValue) && !disabled.contains(entry.rule) {
            let about = entry.subjects.isEmpty ? "" : " for \(Figures.list(entry.subjects.map(\.shown)))"
            kept.append(
                Finding(
                    rule: rule.rawValue, severity: rule.severity, file: suppressions.file, line: entry.position.line,
                    column: entry.position.column, pointer: entry.position.pointer, subject: entry.rule,
                    message: "The suppression of \(entry.rule)\(about) suppresses nothing.",
                    advice: "Take it out, or correct its subject: a finding's is in `--format json`."))
        }
        findings = kept
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
        let found = parts.isEmpty ? "no findings" : parts.joined(separator: ", ")
        return found + (suppressed.isEmpty ? "" : "; \(suppressed.count) suppressed")
    }

    /// The findings for people, in at most 110 columns where the documents' own names allow it: rule by rule, the gravest
    /// first; then what was guessed.
    public func text(style: ReportStyle = .plain) -> String {
        var lines = [style(summary, .heading), ""]
        let order = Dictionary(uniqueKeysWithValues: Rule.allCases.enumerated().map { ($1.rawValue, $0) })
        for severity in Finding.Severity.allCases {
            let groups = Dictionary(grouping: findings.filter { $0.severity == severity }, by: \.rule)
            for rule in groups.keys.sorted(by: { order[$0] ?? 0 < order[$1] ?? 0 }) {
                lines += LintReport.group(groups[rule] ?? [], rule, severity, style) + [""]
            }
        }
        lines += guessed(style)
        lines += suppressed.isEmpty ? [] : lived(style)
        lines.append(style(verdict, gates ? .warning : .good))
        if !findings.isEmpty {
            lines.append(style("tidemark contract lint --explain RULE says why a rule is one", .faint))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func group(
        _ findings: [Finding], _ rule: String, _ severity: Finding.Severity, _ style: ReportStyle
    ) -> [String] {
        let role: ReportStyle.Role =
            switch severity {
            case .error: .error
            case .warning: .warning
            case .note: .note
            }
        let word = style(severity.rawValue, role) + String(repeating: " ", count: 9 - severity.rawValue.count)
        let name = word + style(rule, .emphasis)
        if let only = findings.first, findings.count == 1 {
            return [name + "  " + style(place(of: only), .faint)] + TextWrap.lines(only.message, indentation: 9)
                + TextWrap.lines(only.advice, indentation: 9, first: "       → ")
        }
        var lines = [name + "  " + style("\(findings.count) times", .faint)]
        for (number, finding) in findings.enumerated() {
            lines.append("         " + style(place(of: finding), .faint))
            lines += TextWrap.lines(finding.message, indentation: 11)
            // The same advice is given once, after the last finding that it is for.
            let isLast = number + 1 == findings.count || findings[number + 1].advice != finding.advice
            if isLast { lines += TextWrap.lines(finding.advice, indentation: 11, first: "         → ") }
        }
        return lines
    }

    private static func place(of finding: Finding) -> String {
        "\(finding.file):\(finding.line)" + (finding.column.map { ":\($0)" } ?? "")
    }

    private func guessed(_ style: ReportStyle) -> [String] {
        guard !guesses.isEmpty else { return [] }
        var lines = [
            style("Guessed by rule, since no document says it; a --mapping file settles what is wrong", .emphasis)
        ]
        for guess in guesses {
            let about =
                guess.patterns.isEmpty ? guess.place.map { " (\($0))" } ?? "" : ": " + PatternID.ranges(guess.patterns)
            lines += TextWrap.lines(guess.text + about, indentation: 4, first: "  · ")
        }
        return lines + [""]
    }

    private func lived(_ style: ReportStyle) -> [String] {
        var lines = [style("Suppressed", .emphasis)]
        for entry in suppressed {
            lines += TextWrap.lines(
                "\(entry.finding.rule) \(entry.finding.subject): \(entry.reason)", indentation: 4, first: "  · ")
        }
        return lines + [""]
    }
}
