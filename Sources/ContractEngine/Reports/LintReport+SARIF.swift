internal import JSONBytes

extension LintReport {
    /// The findings as SARIF 2.1.0, which code hosts and editors show in place; what was guessed stands among the run's
    /// notifications.
    /// Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    /// Source: https://docs.github.com/en/code-security/reference/code-scanning/sarif-files/sarif-support
    ///
    /// - Parameters:
    ///   - root: the repository's folder, from which files are named; nil leaves names as they were given.
    ///   - version: the tool's version; nil leaves it out.
    public func sarif(root: ReportRoot? = nil, version: String? = nil) -> String {
        var writer = SARIFWriter(self, root: root)
        return writer.write(version: version) + "\n"
    }

    /// A path as a URI reference: what is no letter, digit or one of "-._~/" is written as %XX.
    static func uri(_ path: String) -> String {
        path.utf8.reduce(into: "") { uri, byte in
            let character = Character(UnicodeScalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "-._~/".contains(character) {
                uri.append(character)
            } else {
                let digits = String(byte, radix: 16, uppercase: true)
                uri += "%" + (digits.count == 1 ? "0" : "") + digits
            }
        }
    }
}

/// Writes one report.
private struct SARIFWriter {
    private let report: LintReport
    private let root: ReportRoot?
    private var writer = JSONWriter(reserving: 16_384)
    private var columns: [String: UTF16Columns] = [:]
    /// How often each rule has spoken of each subject.
    private var told: [String: Int] = [:]

    init(_ report: LintReport, root: ReportRoot?) {
        self.report = report
        self.root = root
    }

    mutating func write(version: String?) -> String {
        writer.beginObject()
        writer.member("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
        writer.member("version", "2.1.0")
        writer.key("runs")
        writer.beginArray()
        writer.beginObject()
        writeTool(version)
        writeRoot()
        writeInvocation()
        writer.member("columnKind", "utf16CodeUnits")
        writer.key("results")
        writer.beginArray()
        for finding in report.findings { write(finding, reason: nil) }
        for entry in report.suppressed { write(entry.finding, reason: entry.reason) }
        writer.endArray()
        writer.endObject()
        writer.endArray()
        writer.endObject()
        return writer.text
    }

    private mutating func writeTool(_ version: String?) {
        writer.key("tool")
        writer.beginObject()
        writer.key("driver")
        writer.beginObject()
        writer.member("name", "tidemark")
        if let version { writer.member("semanticVersion", version) }
        writer.key("rules")
        writer.beginArray()
        for rule in LintRule.all { write(rule) }
        if report.isRefusal { writeRefusal() }
        writer.endArray()
        writer.endObject()
        writer.endObject()
    }

    private mutating func writeRoot() {
        guard let root else { return }
        writer.key("originalUriBaseIds")
        writer.beginObject()
        writer.key(ReportRoot.baseID)
        writer.beginObject()
        writer.member("uri", root.uri)
        writer.endObject()
        writer.endObject()
    }

    private mutating func writeInvocation() {
        writer.key("invocations")
        writer.beginArray()
        writer.beginObject()
        writer.member("executionSuccessful", !report.isRefusal)
        writer.key("toolExecutionNotifications")
        writer.beginArray()
        for guess in report.guesses {
            writer.beginObject()
            writer.member("level", "note")
            let about = guess.place ?? PatternID.ranges(guess.patterns)
            text("message", guess.text + (about.isEmpty ? "" : " (\(about))"))
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        writer.endArray()
    }

    private mutating func write(_ rule: LintRule) {
        writer.beginObject()
        writer.member("id", rule.id)
        text("shortDescription", rule.summary)
        text("fullDescription", rule.why)
        text("help", rule.remedy)
        writer.key("defaultConfiguration")
        writer.beginObject()
        writer.member("level", rule.severity.rawValue)
        writer.endObject()
        writer.endObject()
    }

    private mutating func writeRefusal() {
        writer.beginObject()
        writer.member("id", LintReport.refusal)
        text("shortDescription", "A document cannot be used.")
        writer.endObject()
    }

    private mutating func write(_ finding: Finding, reason: String?) {
        writer.beginObject()
        writer.member("ruleId", finding.rule)
        writer.member("level", finding.severity.rawValue)
        text("message", [finding.message, finding.advice].filter { !$0.isEmpty }.joined(separator: " "))
        writer.key("locations")
        writer.beginArray()
        writer.beginObject()
        write(place: finding)
        writer.endObject()
        writer.endArray()
        writer.key("partialFingerprints")
        writer.beginObject()
        // By what a finding speaks of and not by its line, so that it stays the same one wherever its line goes.
        let name = "\(finding.rule) \(finding.subject)"
        let number = told[name, default: 0] + 1
        told[name] = number
        writer.member("primaryLocationLineHash", "\(SARIFWriter.hash(name)):\(number)")
        writer.endObject()
        if let reason {
            writer.key("suppressions")
            writer.beginArray()
            writer.beginObject()
            writer.member("kind", "external")
            writer.member("justification", reason)
            writer.endObject()
            writer.endArray()
        }
        writer.endObject()
    }

    private mutating func write(place finding: Finding) {
        writer.key("physicalLocation")
        writer.beginObject()
        writer.key("artifactLocation")
        writer.beginObject()
        if let (uri, isRelative) = root?.uri(of: finding.file) {
            writer.member("uri", uri)
            if isRelative { writer.member("uriBaseId", ReportRoot.baseID) }
        } else {
            writer.member("uri", LintReport.uri(finding.file))
        }
        writer.endObject()
        writeRegion(of: finding)
        writer.endObject()
        guard let pointer = finding.pointer, !pointer.isEmpty else { return }
        writer.key("logicalLocations")
        writer.beginArray()
        writer.beginObject()
        writer.member("fullyQualifiedName", pointer)
        writer.endObject()
        writer.endArray()
    }

    /// From the finding's column, or the line's beginning, to the line's end.
    private mutating func writeRegion(of finding: Finding) {
        let line = finding.line
        let known = columns(of: finding.file)
        let start = known?.column(ofByte: finding.column ?? 1, onLine: line) ?? 1
        writer.key("region")
        writer.beginObject()
        writer.member("startLine", line)
        writer.member("startColumn", start)
        writer.member("endLine", line)
        writer.member("endColumn", max(known?.end(ofLine: line) ?? start, start + 1))
        writer.endObject()
    }

    private mutating func columns(of file: String) -> UTF16Columns? {
        if let known = columns[file] { return known }
        guard let bytes = report.texts[file] else { return nil }
        let made = UTF16Columns(bytes)
        columns[file] = made
        return made
    }

    private mutating func text(_ name: String, _ text: String) {
        writer.key(name)
        writer.beginObject()
        writer.member("text", text)
        writer.endObject()
    }

    /// FNV-1a: the same on every machine and in every version.
    private static func hash(_ text: String) -> String {
        let hash = text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
