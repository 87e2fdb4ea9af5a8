internal import AWSCore
internal import JSONBytes

/// What a configuration says, setting by setting, and where each value comes from. Holds no secret.
public struct ConfigurationReport: Sendable, Equatable {
    /// One setting.
    public struct Line: Sendable, Equatable {
        /// The setting's name, or `credentials`.
        public var name: String
        /// What holds; where nothing is set and no value does, what that means, in words (`isInWords`).
        public var value: String
        /// Where it comes from.
        public var origin: String
        /// Whether it keeps the configuration from being one: the error says why.
        public var isRefused = false
        /// Whether nobody has set it.
        public var isDefault = false
        /// Whether `value` is no value but says what holds: "the system's".
        public var isInWords = false

        /// What holds where nobody says anything.
        init(standardOf setting: TidemarkSetting) {
            name = setting.name
            value = setting.standard
            origin = SettingOrigin.standard.description
            isDefault = true
            isInWords = !setting.kind.allows(text: setting.standard) || [.text, .path].contains(setting.kind)
        }

        init(name: String, value: String, origin: String, isRefused: Bool = false, isDefault: Bool = false) {
            self.name = name
            self.value = value
            self.origin = origin
            self.isRefused = isRefused
            self.isDefault = isDefault
        }

        /// The value for a person: words in parentheses.
        fileprivate var shown: String { isInWords ? "(\(value))" : value }
    }

    /// Every setting in the documented order, then the credentials.
    public var lines: [Line]

    /// In columns, for a person.
    public var text: String {
        let name = lines.map(\.name.count).max() ?? 0
        let value = min(lines.map(\.shown.count).max() ?? 0, 48)
        func padded(_ text: String, _ width: Int) -> String {
            text + String(repeating: " ", count: max(0, width - text.count))
        }
        return lines.map { line in
            let shown = padded(line.shown.withoutControls, value)
            return "\(padded(line.name, name))  \(shown)  \(line.origin.withoutControls)\(line.isRefused ? " ✗" : "")\n"
        }.joined()
    }

    /// A list of objects for a program: `name`; `value`, as text, null where nothing is set and no value holds, which `note` says
    /// in words then; `origin`; `default`, whether nobody has set it; and `refused` where it keeps the configuration from being one.
    public var json: [UInt8] {
        var writer = JSONWriter()
        writer.beginArray()
        for line in lines {
            writer.beginObject()
            writer.member("name", line.name)
            if line.isInWords {
                writer.key("value")
                writer.null()
                writer.member("note", line.value)
            } else {
                writer.member("value", line.value)
            }
            writer.member("origin", line.origin)
            writer.key("default")
            writer.bool(line.isDefault)
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
            let origin = now != loaded?.text ? .code : loaded?.origin ?? .standard
            guard let now else {
                var line = ConfigurationReport.Line(standardOf: setting)
                line.origin = origin.description
                line.isDefault = origin == .standard
                return line
            }
            return ConfigurationReport.Line(
                name: setting.name, value: now, origin: origin.description, isDefault: origin == .standard)
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
