extension TidemarkSetting {
    /// The table of the article "Configuration reference", in Markdown.
    package static func reference() -> String {
        var lines = [
            "| setting | takes | default | environment variable | profile | meaning |",
            "| --- | --- | --- | --- | --- | --- |",
        ]
        for setting in all {
            let variables = setting.variables.map { "`\($0)`" }.joined(separator: ", ")
            let standard = setting.standard.replacing("<uid>", with: "UID")
            lines.append(
                "| `\(setting.name)` | \(setting.kind.allowed) | \(standard) | \(variables) | "
                    + "\(setting.profileKey.map { "`\($0)`" } ?? "") | \(setting.about) |")
        }
        return lines.joined(separator: "\n") + "\n"
    }
}
