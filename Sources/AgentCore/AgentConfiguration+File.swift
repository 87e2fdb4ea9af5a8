import ContractEngine
import Telemetry

extension AgentConfiguration {
    /// Reads a configuration file: one `name: value` a line, `#` begins a comment. A subset of YAML that every YAML tool reads.
    ///
    /// Names: `telemetry-directory`, `data-directory`, `service`, `environment`, `period` (10, 20, 30 or 60, in seconds),
    /// `publish`, `resend-ambiguous`, `keep-plain-keys` (each true or false), `region`, `cloudwatch-endpoint`,
    /// `store-budget-mb`, `hot-key-capacity`, and for the contract `contract`, `patterns`, `model`, `mapping`: paths, relative
    /// to the file's directory.
    ///
    /// - Parameter environment: the environment variables, for the directories that the file does not name.
    /// - Throws: `AgentError` with file, line and key of the first thing that is wrong.
    public static func load(path: String, environment: [String: String]) throws(AgentError) -> AgentConfiguration {
        guard let bytes = FileSystem.read(path) else {
            throw AgentError(
                code: .configuration,
                message:
                    "\(path): the configuration cannot be read: \(FileSystem.currentReason); name another file with --config."
            )
        }
        var configuration = AgentConfiguration(
            telemetryDirectory: TelemetryDirectory.resolve(environment: environment),
            dataDirectory: defaultDataDirectory(environment: environment))
        var documents: [String: String] = [:]
        for entry in try ConfigurationEntry.entries(of: String(decoding: bytes, as: UTF8.self), path: path) {
            if ConfigurationEntry.documentKeys.contains(entry.key) {
                documents[entry.key] = entry.relative(to: path)
            } else {
                try configuration.take(entry)
            }
        }
        configuration.contract = try contract(documents, path: path)
        return configuration
    }

    private mutating func take(_ entry: ConfigurationEntry) throws(AgentError) {
        switch entry.key {
        case "telemetry-directory": telemetryDirectory = try entry.text()
        case "data-directory": dataDirectory = try entry.text()
        case "service": service = try entry.text()
        case "environment": environment = try entry.text()
        case "region": region = try entry.text()
        case "cloudwatch-endpoint": cloudWatchEndpoint = try entry.text()
        case "publish": publish = try entry.flag()
        case "resend-ambiguous": resendAmbiguous = try entry.flag()
        case "keep-plain-keys": keepPlainKeys = try entry.flag()
        case "store-budget-mb": storeBudgetInBytes = try entry.number(in: 1...1_000_000) << 20
        case "hot-key-capacity": hotKeyCapacity = try entry.number(in: 20...10_000)
        case "period":
            guard let period = PublishPeriod(rawValue: try entry.number(in: 1...86_400)) else {
                throw entry.error("is \(entry.value), and CloudWatch takes 60, or 10, 20, 30 in high resolution")
            }
            publishPeriod = period
        default: throw entry.error("is no setting; see `tidemark agent --help` for those there are")
        }
    }

    private static func contract(_ documents: [String: String], path: String) throws(AgentError) -> ContractDocument? {
        guard let contract = documents["contract"] else {
            guard documents.isEmpty else {
                throw AgentError(
                    code: .configuration,
                    message: "\(path): patterns, model and mapping need a `contract` beside them; add it.")
            }
            return nil
        }
        do {
            return try ContractDocument.load(
                contractPath: contract, patternsPath: documents["patterns"], modelPath: documents["model"],
                mappingPath: documents["mapping"])
        } catch {
            throw AgentError(code: .configuration, message: error.message)
        }
    }
}

/// One `name: value` of a configuration file.
struct ConfigurationEntry {
    static let documentKeys: Set<String> = ["contract", "patterns", "model", "mapping"]

    let path: String
    let line: Int
    let key: String
    let value: String

    static func entries(of text: String, path: String) throws(AgentError) -> [ConfigurationEntry] {
        var result: [ConfigurationEntry] = []
        // A byte-order mark is no part of the first name; "\r\n" is one character, and ends a line like any other.
        let text = text.unicodeScalars.first == "\u{FEFF}" ? String(text.unicodeScalars.dropFirst()) : text
        for (index, raw) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = trimmed(withoutComment(raw))
            if line.isEmpty || line == "---" { continue }
            guard let colon = line.firstIndex(of: ":"), raw.first?.isWhitespace == false else {
                throw AgentError(
                    code: .configuration,
                    message: "\(path):\(index + 1): \"\(line)\" is not `name: value` at the line's beginning.")
            }
            let entry = ConfigurationEntry(
                path: path, line: index + 1, key: trimmed(line[..<colon]),
                value: unquoted(trimmed(line[line.index(after: colon)...])))
            if let earlier = result.first(where: { $0.key == entry.key }) {
                throw entry.error("is there already in line \(earlier.line); leave one of them")
            }
            result.append(entry)
        }
        return result
    }

    func error(_ problem: String) -> AgentError {
        AgentError(code: .configuration, message: "\(path):\(line): `\(key)` \(problem).")
    }

    func text() throws(AgentError) -> String {
        guard !value.isEmpty else { throw error("has no value") }
        return value
    }

    func flag() throws(AgentError) -> Bool {
        switch value {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        default: throw error("is \"\(value)\", and must be true or false")
        }
    }

    func number(in range: ClosedRange<Int>) throws(AgentError) -> Int {
        guard let number = Int(value), range.contains(number) else {
            throw error("is \"\(value)\", and must be a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return number
    }

    /// A path as it is, or beside the configuration file.
    func relative(to file: String) -> String {
        guard !value.hasPrefix("/"), let slash = file.lastIndex(of: "/") else { return value }
        return file[...slash] + value
    }

    /// A "#" begins a comment at the line's beginning or after a blank, outside of quotes.
    private static func withoutComment(_ line: Substring) -> Substring {
        var quote: Character?
        var previous: Character = " "
        for index in line.indices {
            let character = line[index]
            if let open = quote {
                if character == open { quote = nil }
            } else if character == "\"" || character == "'" {
                quote = character
            } else if character == "#", previous.isWhitespace {
                return line[..<index]
            }
            previous = character
        }
        return line
    }

    private static func trimmed(_ text: Substring) -> String {
        var rest = text.drop { $0.isWhitespace }
        while let last = rest.last, last.isWhitespace { rest.removeLast() }
        return String(rest)
    }

    private static func trimmed(_ text: String) -> String { trimmed(text[...]) }

    private static func unquoted(_ text: String) -> String {
        guard text.count >= 2, let first = text.first, first == text.last, first == "\"" || first == "'" else {
            return text
        }
        return String(text.dropFirst().dropLast())
    }
}
