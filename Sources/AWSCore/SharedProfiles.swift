/// The profiles of `~/.aws/config` and `~/.aws/credentials`, read when asked.
/// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
struct SharedProfiles: Sendable {
    let profile: String
    /// Whether somebody has named it; `default` may be missing otherwise.
    let isNamed: Bool
    let configurationPath: String?
    let credentialsPath: String?

    init(environment: [String: String], profile: String? = nil) {
        func path(_ variable: String, _ name: String) -> String? {
            if let path = environment[variable], !path.isEmpty {
                return path.hasPrefix("~/") ? (environment["HOME"] ?? "~") + path.dropFirst() : path
            }
            return environment["HOME"].flatMap { $0.isEmpty ? nil : "\($0)/.aws/\(name)" }
        }
        let named = profile ?? environment["AWS_PROFILE"] ?? ""
        isNamed = !named.isEmpty
        self.profile = named.isEmpty ? "default" : named
        configurationPath = path("AWS_CONFIG_FILE", "config")
        credentialsPath = path("AWS_SHARED_CREDENTIALS_FILE", "credentials")
    }

    /// "profile "default" in /home/x/.aws/config"
    var configurationDescription: String {
        "profile \"\(profile)\" in \(configurationPath ?? "~/.aws/config (HOME is not set)")"
    }

    var credentialsDescription: String {
        "profile \"\(profile)\" in \(credentialsPath ?? "~/.aws/credentials (HOME is not set)")"
    }

    /// The profile and file of a setting, with its line: "profile "default" in /home/x/.aws/config:7".
    func place(of name: String) -> String {
        let sections = profile == "default" ? ["profile default", "default"] : ["profile \(profile)"]
        return configurationDescription + line(of: name, in: sections)
    }

    /// ":7" for a setting of the first of these sections that is there; nothing where the file cannot be read any more.
    func line(of name: String, in sections: [String]) -> String {
        guard let file = try? SharedProfiles.read(configurationPath),
            let section = sections.first(where: { file.sections[$0] != nil }), let line = file.lines[section]?[name]
        else { return "" }
        return ":\(line)"
    }

    /// The profile's settings in the configuration file; empty where file or profile is not there.
    func configuration() throws(AWSConfigurationError) -> [String: String] {
        try section(profile == "default" ? "default" : "profile \(profile)")
    }

    /// The settings of one section of the configuration file.
    func section(_ name: String) throws(AWSConfigurationError) -> [String: String] {
        let sections = try SharedProfiles.read(configurationPath)?.sections ?? [:]
        if name == "default", let explicit = sections["profile default"] { return explicit }
        return sections[name] ?? [:]
    }

    /// Throws where the profile is named and in neither file, as AWS's own tools do: what it says would be lost unseen.
    func checkName(by namedBy: String) throws(AWSConfigurationError) {
        guard isNamed else { return }
        let profiles = try LoadedProfiles(self)
        if profiles.profile(profile) == nil { throw profiles.missing(profile, namedBy: namedBy) }
    }

    /// The settings of `[services NAME]`, which the profile names.
    func services(_ name: String) throws(AWSConfigurationError) -> [String: String] {
        let prefix = "services "
        let sections = try SharedProfiles.read(configurationPath)?.sections ?? [:]
        if let found = sections[prefix + name] { return found }
        let others = sections.keys.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }.sorted()
        let near = Spelling.nearest(to: name, in: others)
        throw AWSConfigurationError(
            cause: "services of \(place(of: "services")) names [services \(name)], which is not there",
            fix: near.map { "did you mean \"\($0)\"?" } ?? "add that section, or remove the setting")
    }

    /// The profile's settings in the credentials file; nil where the file is not there, empty where the profile is not.
    func credentials() throws(AWSConfigurationError) -> [String: String]? {
        guard let file = try SharedProfiles.read(credentialsPath) else { return nil }
        return file.sections[profile] ?? [:]
    }

    static func read(_ path: String?) throws(AWSConfigurationError) -> ProfileFile? {
        guard let path, let bytes = try SmallFile.read(path) else { return nil }
        return try ProfileFile(parsing: bytes, path: path)
    }
}

/// One of AWS's shared files, in memory.
struct ProfileFile {
    /// Settings by section; a nested one is named `outer.inner`. Setting names are in lower case.
    private(set) var sections: [String: [String: String]] = [:]
    /// The lines that these settings stand in, from 1.
    private(set) var lines: [String: [String: Int]] = [:]
    let path: String

    init(parsing bytes: [UInt8], path: String) throws(AWSConfigurationError) {
        self.path = path
        var section: String?
        var outer: String?
        let text = String(decoding: bytes, as: UTF8.self)
        for (index, rawLine) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            let line = ProfileFile.withoutComment(rawLine)
            guard !line.isEmpty else { continue }
            func refusal(_ reason: String) -> AWSConfigurationError {
                AWSConfigurationError(message: "\(path):\(index + 1): \(reason)")
            }
            if line.first == "[" {
                guard line.last == "]" else { throw refusal("the section's name is not closed: end it with ]") }
                let words = line.dropFirst().dropLast().split(whereSeparator: { $0 == " " || $0 == "\t" })
                guard !words.isEmpty else { throw refusal("the section has no name: write it between [ and ]") }
                let name = words.joined(separator: " ")
                // One without settings is there nevertheless.
                sections[name, default: [:]].merge([:]) { old, _ in old }
                section = name
                outer = nil
                continue
            }
            guard let section else { throw refusal("a setting stands before the first [section]: put it below one") }
            guard let (name, value) = ProfileFile.setting(line) else {
                throw refusal("this line is no setting: write it as name = value")
            }
            let isNested = rawLine.first == " " || rawLine.first == "\t"
            let fullName: String
            if isNested, let outer {
                fullName = "\(outer).\(name)"
            } else {
                outer = value.isEmpty ? name : nil
                fullName = name
            }
            sections[section, default: [:]][fullName] = value
            lines[section, default: [:]][fullName] = index + 1
        }
    }

    private static func setting(_ line: Substring) -> (name: String, value: String)? {
        guard let equals = line.firstIndex(of: "=") else { return nil }
        let name = trimmed(line[..<equals])
        let value = trimmed(line[line.index(after: equals)...])
        return name.isEmpty ? nil : (name.lowercased(), String(value))
    }

    /// A comment starts a line, or follows white space.
    private static func withoutComment(_ line: Substring) -> Substring {
        let line = trimmed(line)
        if line.first == "#" || line.first == ";" { return "" }
        for mark in [" #", " ;", "\t#", "\t;"] {
            if let range = line.firstRange(of: mark) { return trimmed(line[..<range.lowerBound]) }
        }
        return line
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text.drop(while: \.isWhitespace)
        while text.last?.isWhitespace == true { text.removeLast() }
        return text
    }
}
