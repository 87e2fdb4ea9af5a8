internal import AWSCore
internal import JSONBytes

/// What a configuration says, setting by setting, and where each value comes from. Holds no secret.
public struct ConfigurationReport: Sendable, Equatable {
    /// One setting.
    public struct Line: Sendable, Equatable {
        /// The setting's name, or `credentials`.
        public var name: String
        /// What holds.
        public var value: String
        /// Where it comes from.
        public var origin: String
        /// Whether it keeps the configuration from being one: the error says why.
        public var isRefused = false
    }

    /// Every setting in the documented order, then the credentials.
    public var lines: [Line]

    /// In columns, for a person.
    public var text: String {
        let name = lines.map(\.name.count).max() ?? 0
        let value = min(lines.map(\.value.count).max() ?? 0, 48)
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        return lines.map { line in
            let shown = padded(line.value.withoutControls, value)
            return "\(padded(line.name, name))  \(shown)  \(line.origin.withoutControls)\(line.isRefused ? " ✗" : "")\n"
        }.joined()
    }

    /// A list of objects with name, value and origin, for a program.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        for line in lines {
            writer.beginObject()
            writer.member("name", line.name)
            writer.member("value", line.value)
            writer.member("origin", line.origin)
            if line.isRefused {
                writer.key("refused")
                writer.bool(true)
            }
            writer.endObject()
        }
        writer.endArray()
        return writer.bytes
    }
}

extension TidemarkConfiguration {
    /// What holds now, and where each value comes from. What the program has changed since loading comes from code.
    public func report() -> ConfigurationReport {
        var lines = TidemarkSetting.all.map { setting in
            let loaded = origins[setting.name]
            let now = text(of: setting.name) ?? loaded?.text
            let isChanged = now != loaded?.text
            return ConfigurationReport.Line(
                name: setting.name, value: now ?? "(\(setting.standard))",
                origin: (isChanged ? .code : loaded?.origin ?? .standard).description)
        }
        lines.append(credentialLine)
        return ConfigurationReport(lines: lines)
    }

    private var credentialLine: ConfigurationReport.Line {
        guard let chain = credentials as? CredentialChain else {
            return .init(name: "credentials", value: "\(type(of: credentials))", origin: SettingOrigin.code.description)
        }
        return ConfigurationReport.line(chain)
    }
}

/// What `load` found out about a setting, for the report.
struct LoadedSetting: Sendable {
    /// As `text(of:)` gave it after loading; nil where nothing holds.
    var text: String?
    var origin: SettingOrigin
}
