/// One setting of the runtime: its name in a file and in code, its environment variables, what it takes and means.
///
/// The readers, the report, `tidemark doctor` and the article "Configuration reference" are all made of these.
public struct TidemarkSetting: Sendable {
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
        /// One of these words.
        case oneWord([String])
    }

    /// The name in files and in code, such as `call-timeout-ms`.
    public var name: String
    /// What it takes.
    public var kind: Kind
    /// What holds where nothing is said, in words.
    public var standard: String
    /// What it means.
    public var about: String
    /// The environment's variables, the first that is set; the first is the one to use.
    public var variables: [String]
    /// The name in a profile of AWS's shared files, where these are asked after everything else.
    public var profileKey: String?

    /// The setting of that name.
    public static func named(_ name: String) -> TidemarkSetting? { all.first { $0.name == name } }
}

/// A value of a setting, as code and files write it.
public enum SettingValue: Sendable, Hashable {
    /// Text.
    case text(String)
    /// A whole number.
    case integer(Int)
    /// true or false.
    case flag(Bool)

    /// As an environment variable would say it.
    public var text: String {
        switch self {
        case .text(let text): text
        case .integer(let number): "\(number)"
        case .flag(let flag): "\(flag)"
        }
    }
}

extension SettingValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral {
    /// Text.
    public init(stringLiteral text: String) { self = .text(text) }
    /// A whole number.
    public init(integerLiteral number: Int) { self = .integer(number) }
    /// true or false.
    public init(booleanLiteral flag: Bool) { self = .flag(flag) }
}

extension TidemarkSetting.Kind {
    /// What is allowed, for a sentence.
    public var allowed: String {
        switch self {
        case .text: "text that is not empty"
        case .path: "a path"
        case .flag: "true or false"
        case .integer(let range): "a whole number from \(range.lowerBound) to \(range.upperBound)"
        case .oneWord(let words): "one of " + words.joined(separator: ", ")
        }
    }

    /// Whether a value written as text, as variables are, is allowed; letters' case does not matter in words.
    func allows(text: String) -> Bool {
        switch self {
        case .text, .path: !text.isEmpty
        case .flag: ["true", "false"].contains(text.lowercased())
        case .integer(let range): Int(text).map(range.contains) ?? false
        case .oneWord(let words): words.contains(text.lowercased())
        }
    }

    /// What to write instead of this value of a file or of code.
    func advice(for value: SettingValue) -> String {
        switch (self, value) {
        case (.integer, .text(let text)), (.flag, .text(let text)):
            "use \(allowed)" + (allows(text: text) ? ", without quotes" : "")
        case (.text, .integer), (.text, .flag), (.path, .integer), (.path, .flag): "use \(allowed), in quotes"
        default: "use \(allowed)"
        }
    }

    /// Whether a value of a file or of code is allowed: there a number is no text.
    func allows(_ value: SettingValue) -> Bool {
        switch (self, value) {
        case (.text, .text(let text)), (.path, .text(let text)), (.oneWord, .text(let text)): allows(text: text)
        case (.flag, .flag): true
        case (.integer(let range), .integer(let number)): range.contains(number)
        default: false
        }
    }
}
