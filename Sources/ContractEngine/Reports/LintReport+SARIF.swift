internal import JSONBytes

extension LintReport {
    /// The findings as SARIF 2.1.0, which code hosts and editors show in place.
    /// Source: https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
    public func sarif() -> String {
        var writer = JSONWriter(reserving: 16_384)
        writer.beginObject()
        writer.member("$schema", "https://json.schemastore.org/sarif-2.1.0.json")
        writer.member("version", "2.1.0")
        writer.key("runs")
        writer.beginArray()
        writer.beginObject()
        writer.key("tool")
        writer.beginObject()
        writer.key("driver")
        writer.beginObject()
        writer.member("name", "tidemark")
        writer.key("rules")
        writer.beginArray()
        for rule in LintRule.all { write(rule, to: &writer) }
        writer.endArray()
        writer.endObject()
        writer.endObject()
        writer.member("columnKind", "utf16CodeUnits")
        writer.key("results")
        writer.beginArray()
        for finding in findings { write(finding, reason: nil, to: &writer) }
        for entry in suppressed { write(entry.finding, reason: entry.reason, to: &writer) }
        writer.endArray()
        writer.endObject()
        writer.endArray()
        writer.endObject()
        return writer.text + "\n"
    }

    private func write(_ rule: LintRule, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("id", rule.id)
        text("shortDescription", rule.summary, to: &writer)
        text("fullDescription", rule.why, to: &writer)
        text("help", rule.remedy, to: &writer)
        writer.key("defaultConfiguration")
        writer.beginObject()
        writer.member("level", rule.severity.rawValue)
        writer.endObject()
        writer.endObject()
    }

    private func write(_ finding: Finding, reason: String?, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.member("ruleId", finding.rule)
        writer.member("level", finding.severity.rawValue)
        text("message", finding.message + " " + finding.advice, to: &writer)
        writer.key("locations")
        writer.beginArray()
        writer.beginObject()
        write(place: finding, to: &writer)
        writer.endObject()
        writer.endArray()
        writer.key("partialFingerprints")
        writer.beginObject()
        writer.member("ruleAndSubject/v1", "\(finding.rule) \(finding.subject)")
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

    private func write(place finding: Finding, to writer: inout JSONWriter) {
        writer.key("physicalLocation")
        writer.beginObject()
        writer.key("artifactLocation")
        writer.beginObject()
        writer.member("uri", LintReport.uri(finding.file))
        writer.endObject()
        writer.key("region")
        writer.beginObject()
        writer.member("startLine", finding.line)
        if let column = finding.column { writer.member("startColumn", column) }
        writer.endObject()
        writer.endObject()
        guard let pointer = finding.pointer, !pointer.isEmpty else { return }
        writer.key("logicalLocations")
        writer.beginArray()
        writer.beginObject()
        writer.member("fullyQualifiedName", pointer)
        writer.endObject()
        writer.endArray()
    }

    private func text(_ name: String, _ text: String, to writer: inout JSONWriter) {
        writer.key(name)
        writer.beginObject()
        writer.member("text", text)
        writer.endObject()
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
