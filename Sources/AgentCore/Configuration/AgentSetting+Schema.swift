import JSONBytes

extension AgentSetting {
    /// The JSON schema of the configuration file (draft 2020-12), for editors and other tools: `docs/agent.schema.json`.
    public static func schema() -> String {
        let properties = all.map { "    \(quoted($0.name)): \($0.schemaObject)" }.joined(separator: ",\n")
        let needContract = ["patterns", "model", "mapping"].map { "\(quoted($0)): [\"contract\"]" }
            .joined(separator: ", ")
        return """
            {
              "$schema": "https://json-schema.org/draft/2020-12/schema",
              "title": "Configuration of `tidemark agent`",
              "type": "object",
              "additionalProperties": false,
              "dependentRequired": { \(needContract) },
              "properties": {
            \(properties)
              }
            }

            """
    }

    /// The table of settings in `docs/AGENT.md`.
    public static func markdown() -> String {
        let rows = all.map { setting in
            let unit = setting.unit.isEmpty ? "" : ", \(setting.unit)"
            let others = [setting.option] + setting.variables.map { Optional("$" + $0) }
            let ways = others.compactMap { $0.map { "`\($0)`" } }.joined(separator: ", ")
            return
                "| `\(setting.name)` | \(setting.kind.allowed)\(unit) | \(setting.standard) | \(setting.about) | \(ways) | "
                + (setting.isReloadable ? "yes" : "no") + " |\n"
        }
        return "| setting | takes | default | what it is | also | reload |\n| --- | --- | --- | --- | --- | --- |\n"
            + rows.joined()
    }

    private var schemaObject: String {
        let unit = unit.isEmpty ? "" : " Unit: \(unit)."
        return "{ \"description\": \(Self.quoted("\(about)\(unit) Default: \(standard).")), \(kind.schemaMembers) }"
    }

    fileprivate static func quoted(_ text: String) -> String {
        var writer = JSONWriter()
        writer.string(text)
        return writer.text
    }
}

extension AgentSetting.Kind {
    fileprivate var schemaMembers: String {
        func list(_ words: [String]) -> String { "[" + words.map(AgentSetting.quoted).joined(separator: ", ") + "]" }
        switch self {
        case .text, .path: return "\"type\": \"string\", \"minLength\": 1"
        case .flag: return "\"type\": \"boolean\""
        case .integer(let range):
            return "\"type\": \"integer\", \"minimum\": \(range.lowerBound), \"maximum\": \(range.upperBound)"
        case .number(let range):
            return
                "\"type\": \"number\", \"minimum\": \(range.lowerBound.brief), \"maximum\": \(range.upperBound.brief)"
        case .oneNumber(let numbers):
            return "\"enum\": [" + numbers.map(String.init).joined(separator: ", ") + "]"
        case .oneWord(let words): return "\"enum\": \(list(words))"
        case .words(let words):
            return
                "\"type\": \"array\", \"minItems\": 1, \"uniqueItems\": true, \"items\": { \"enum\": \(list(words)) }"
        }
    }
}
