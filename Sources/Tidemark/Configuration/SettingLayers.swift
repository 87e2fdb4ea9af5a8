internal import AWSCore
internal import Telemetry

/// Where a setting's value comes from.
public enum SettingOrigin: Sendable, Hashable, CustomStringConvertible {
    /// The program's own code.
    case code
    /// An environment variable.
    case variable(String)
    /// The file of settings.
    case file(String, line: Int, column: Int)
    /// A profile of AWS's shared files.
    case profile(String)
    /// Nothing was said.
    case standard

    /// For a person.
    public var description: String {
        switch self {
        case .code: "code"
        case .variable(let name): "environment, \(name)"
        case .file(let path, let line, _): "\(path):\(line)"
        case .profile(let place): place
        case .standard: "default"
        }
    }
}

/// Something about a configuration that does not hold.
package struct ConfigurationProblem: Sendable, Equatable {
    /// What is wrong, with file, line and column where it is in a file.
    package var cause: String
    /// What to do; empty where the cause says it.
    package var fix: String

    var sentence: String { fix.isEmpty ? cause : "\(cause): \(fix)" }
}

/// The layers laid over each other: code, environment, file. What is chosen is put into variables, so that everything behind
/// them is resolved in one way, AWS's own.
struct SettingLayers {
    /// The value of each setting that a layer has, by name, and where from.
    private(set) var chosen: [String: (text: String, origin: SettingOrigin)] = [:]
    /// The value of each setting that may not have it.
    private(set) var refused: [String: (text: String, origin: SettingOrigin)] = [:]
    /// The environment with what is chosen in it.
    private(set) var variables: [String: String]
    /// One sentence each, with file, line and column where it is in a file.
    private(set) var problems: [ConfigurationProblem] = []

    /// - Parameters:
    ///   - code: by the settings' names.
    ///   - variables: the environment.
    ///   - file: the file's path and content.
    init(code: [String: SettingValue], variables: [String: String], file: (path: String, bytes: [UInt8])?) {
        self.variables = variables
        let entries = file.map { readFile($0.path, $0.bytes) } ?? [:]
        for name in code.keys.sorted() where TidemarkSetting.named(name) == nil {
            problems.append(
                ConfigurationProblem(cause: "`\(name)`, given in code, is no setting", fix: Self.suggestion(for: name)))
        }
        for setting in TidemarkSetting.all { choose(setting, code[setting.name], entries[setting.name]) }
    }

    private mutating func choose(
        _ setting: TidemarkSetting, _ code: SettingValue?, _ entry: (text: String, origin: SettingOrigin)?
    ) {
        if let code {
            guard setting.kind.allows(code) else {
                refused[setting.name] = (code.text, .code)
                return blame("`\(setting.name)`, given in code,", code.text, setting.kind.advice(for: code))
            }
            take(setting, code.text, .code)
        } else if let name = variable(of: setting) {
            let text = variables[name] ?? ""
            guard setting.kind.allows(text: text) else {
                // Or whoever reads it from there would blame it too.
                variables[name] = nil
                refused[setting.name] = (text, .variable(name))
                return blame(name, text, "use \(setting.kind.allowed)")
            }
            chosen[setting.name] = (text, .variable(name))
        } else if let entry {
            take(setting, entry.text, entry.origin)
        }
    }

    private mutating func blame(_ who: String, _ text: String, _ fix: String) {
        problems.append(ConfigurationProblem(cause: "\(who) is \(text.quoted)", fix: fix))
    }

    /// Where a value that stands in `variables` really is, by the variable's name, where it has been put there.
    var places: [String: String] {
        var places: [String: String] = [:]
        for setting in TidemarkSetting.all {
            switch chosen[setting.name]?.origin {
            case .code: places[setting.variables[0]] = "`\(setting.name)`, given in code,"
            case .file(let path, let line, let column):
                places[setting.variables[0]] = "`\(setting.name)` in \(path):\(line):\(column)"
            case .variable, .profile, .standard, nil: break
            }
        }
        return places
    }

    /// The variable that has a setting's value; nil where none has, or where it does not count.
    private func variable(of setting: TidemarkSetting) -> String? {
        if setting.name == "endpoint", AWSEndpoint.ignoresConfiguredURLs(variables) { return nil }
        return setting.variables.first { variables[$0]?.isEmpty == false }
    }

    private mutating func take(_ setting: TidemarkSetting, _ text: String, _ origin: SettingOrigin) {
        chosen[setting.name] = (text, origin)
        variables[setting.variables[0]] = text
    }

    // MARK: The file

    private mutating func readFile(
        _ path: String, _ bytes: [UInt8]
    ) -> [String: (text: String, origin: SettingOrigin)] {
        let document = SettingsDocument(bytes, path: path)
        var entries: [String: (text: String, origin: SettingOrigin)] = [:]
        var found = document.problems.map { ($0.line, $0.column, $0.sentence, "") }
        for entry in document.entries {
            guard let setting = TidemarkSetting.named(entry.name) else {
                found.append(
                    (
                        entry.namePlace.line, entry.namePlace.column, "`\(entry.name)` is no setting",
                        Self.suggestion(for: entry.name)
                    ))
                continue
            }
            guard setting.kind.allows(entry.value) else {
                refused[entry.name] = (entry.value.text, .file(path, line: entry.line, column: entry.column))
                found.append(
                    (
                        entry.line, entry.column, "`\(entry.name)` is \(entry.value.text.quoted)",
                        setting.kind.advice(for: entry.value)
                    ))
                continue
            }
            let text = setting.kind == .path ? Self.absolute(entry.value.text, beside: path) : entry.value.text
            entries[entry.name] = (text, .file(path, line: entry.line, column: entry.column))
        }
        problems += found.sorted { ($0.0, $0.1) < ($1.0, $1.1) }.map {
            ConfigurationProblem(cause: "\(path):\($0.0):\($0.1): \($0.2)", fix: $0.3)
        }
        return entries
    }

    private static func absolute(_ text: String, beside path: String) -> String {
        // What begins with ~ is refused where it is used, as it stands.
        guard !text.hasPrefix("/"), !TelemetryDirectory.isShellsHome(text), let slash = path.lastIndex(of: "/") else {
            return text
        }
        return path[...slash] + text
    }

    private static func suggestion(for name: String) -> String {
        let near = Spelling.nearest(to: name.lowercased(), in: TidemarkSetting.all.map(\.name))
        return near.map { "did you mean `\($0)`?" } ?? "the article \"Configuration reference\" has them all"
    }
}

extension String {
    /// In quotes, cut where it is long: a value may be anything.
    fileprivate var quoted: String {
        let shown = String(prefix(64).map { $0.isNewline ? " " : $0 }).withoutControls
        return "\"\(shown)\(count > 64 ? "…" : "")\""
    }
}
