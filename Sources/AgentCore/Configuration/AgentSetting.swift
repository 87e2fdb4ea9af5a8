/// One setting of the agent: its name in the configuration file, what it takes, what it means.
///
/// The reader, `--check`, the JSON schema and the tables of `docs/AGENT.md` are all made of these.
public struct AgentSetting: Sendable {
    /// What a setting takes.
    public enum Kind: Sendable, Equatable {
        /// Text that is not empty.
        case text
        /// A path; in a file relative to the file's directory.
        case path
        /// true or false.
        case flag
        /// A whole number of the range.
        case integer(ClosedRange<Int>)
        /// A number of the range.
        case number(ClosedRange<Double>)
        /// One of these whole numbers.
        case oneNumber([Int])
        /// One of these words.
        case oneWord([String])
        /// A list of these words, each at most once, at least one.
        case words([String])
    }

    /// A value as it was read.
    enum Value: Sendable, Equatable {
        case text(String)
        case flag(Bool)
        case integer(Int)
        case number(Double)
        case words([String])
    }

    /// The name in the file.
    public var name: String
    /// What it takes.
    public var kind: Kind
    /// The value's unit; empty where it has none.
    public var unit = ""
    /// What holds where nothing is said, in words.
    public var standard: String
    /// What it means.
    public var about: String
    /// The command line's option that wins over the file; nil where there is none.
    public var option: String?
    /// The environment's variables that hold where neither option nor file says something, the first that is set.
    public var variables: [String] = []
    /// Whether a running agent takes a change over on SIGHUP; else a restart is needed.
    public var isReloadable = true

    /// The setting of that name.
    public static func named(_ name: String) -> AgentSetting? { all.first { $0.name == name } }
}

extension AgentSetting.Kind {
    /// What is allowed, for a sentence.
    public var allowed: String {
        switch self {
        case .text: "text that is not empty"
        case .path: "a path"
        case .flag: "true or false"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .number(let range): "a number from \(range.lowerBound.brief) to \(range.upperBound.brief)"
        case .oneNumber(let numbers): "one of " + numbers.map(String.init).joined(separator: ", ")
        case .oneWord(let words): "one of " + words.joined(separator: ", ")
        case .words(let words): "a list of one or more of " + words.joined(separator: ", ") + ", each once"
        }
    }

    /// A value written as text, as options and variables are; nil where it is not allowed.
    func value(ofText text: String) -> AgentSetting.Value? {
        switch self {
        case .text, .path: text.isEmpty ? nil : .text(text)
        case .flag: text == "true" ? .flag(true) : text == "false" ? .flag(false) : nil
        case .integer, .oneNumber: Int(text).flatMap(checked)
        case .number: Double(text).flatMap(checked)
        case .oneWord(let words): words.contains(text) ? .text(text) : nil
        case .words: checked(text.split(separator: ",").map(String.init))
        }
    }

    func checked(_ number: Int) -> AgentSetting.Value? {
        switch self {
        case .integer(let range): range.contains(number) ? .integer(number) : nil
        case .oneNumber(let numbers): numbers.contains(number) ? .integer(number) : nil
        case .number: checked(Double(number))
        default: nil
        }
    }

    func checked(_ number: Double) -> AgentSetting.Value? {
        guard case .number(let range) = self, range.contains(number) else { return nil }
        return .number(number)
    }

    func checked(_ list: [String]) -> AgentSetting.Value? {
        guard case .words(let words) = self, !list.isEmpty, list.allSatisfy(words.contains),
            Set(list).count == list.count
        else { return nil }
        return .words(list)
    }
}

extension AgentSetting.Value {
    var textValue: String { if case .text(let text) = self { text } else { "" } }
    var flagValue: Bool { self == .flag(true) }
    var integerValue: Int { if case .integer(let number) = self { number } else { 0 } }
    var numberValue: Double { if case .number(let number) = self { number } else { 0 } }
    var wordsValue: [String] { if case .words(let words) = self { words } else { [] } }
}

extension Double {
    /// Without ".0" where the number is whole.
    var brief: String { self == rounded() && magnitude < 1e15 ? "\(Int64(self))" : "\(self)" }
}
