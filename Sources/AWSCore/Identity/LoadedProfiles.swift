/// AWS's shared files as they are at one moment.
struct LoadedProfiles: Sendable {
    /// One profile, put together from both files: what the credentials file says wins.
    struct Profile: Sendable {
        var name: String
        var settings: [String: String]
        /// File and line of each.
        var places: [String: Place] = [:]
        /// Which file its static keys are in.
        var keysPlace: KeysPlace?

        struct Place: Sendable, CustomStringConvertible {
            var path: String
            var line: Int
            var description: String { "\(path):\(line)" }
        }

        enum KeysPlace: Sendable { case credentialsFile, configurationFile }

        /// The setting, its profile, file and line: "duration_seconds of profile "x" (/home/x/.aws/config:7)".
        func place(of name: String) -> String { "\(name) of \(place(holding: name))" }

        /// The profile, with the setting's file and line.
        func place(holding name: String) -> String {
            "profile \"\(self.name)\"" + (places[name].map { " (\($0))" } ?? "")
        }

        subscript(name: String) -> String? { settings[name].flatMap { $0.isEmpty ? nil : $0 } }
        var hasKeys: Bool { keysPlace != nil }
        /// A role that needs other credentials to be assumed; one with a token file does not.
        var hasRole: Bool { self["role_arn"] != nil && self["web_identity_token_file"] == nil }
    }

    /// Settings that are nobody's to see.
    static let keys: Set<String> = [
        "aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token",
    ]

    private let configuration: ProfileFile?
    private let credentials: ProfileFile?
    private let files: SharedProfiles
    /// Files that cannot be read and that nobody has asked for, each with what to do.
    let unreadable: [AWSConfigurationError]

    init(_ files: SharedProfiles) throws(AWSConfigurationError) {
        self.files = files
        var unreadable: [AWSConfigurationError] = []
        configuration = try files.read(files.configurationPath, noting: &unreadable)
        credentials = try files.read(files.credentialsPath, noting: &unreadable)
        self.unreadable = unreadable
    }

    /// The error of something that is in neither file, with those that could not be read and may have it.
    func missing(_ cause: String, fix: String) -> AWSConfigurationError {
        AWSConfigurationError(
            cause: cause + unreadable.map { "; \($0.cause)" }.joined(),
            fix: unreadable.first.map { "\($0.fix); or \(fix)" } ?? fix)
    }

    var hasConfigurationFile: Bool { configuration != nil }
    var hasCredentialsFile: Bool { credentials != nil }

    /// The profile of that name; nil where neither file has it. Throws where a line of it cannot be read.
    func profile(_ name: String) throws(AWSConfigurationError) -> Profile? {
        let section = configurationSection(name)
        let configured = try section.flatMap { section throws(AWSConfigurationError) in
            try configuration?.settings(of: section)
        }
        let own = try credentials?.settings(of: name)
        guard configured != nil || own != nil else { return nil }
        var profile = Profile(name: name, settings: configured ?? [:])
        profile.settings.merge(own ?? [:]) { _, new in new }
        profile.places = Self.places(configuration, section ?? "")
        profile.places.merge(Self.places(credentials, name)) { _, new in new }
        let names = ["aws_access_key_id", "aws_secret_access_key"]
        func has(_ settings: [String: String]?) -> Bool { names.contains { settings?[$0]?.isEmpty == false } }
        if has(own) {
            profile.keysPlace = .credentialsFile
            // Halves and tokens of the other file belong to other keys.
            for key in Self.keys where own?[key] == nil { profile.settings[key] = nil }
        } else if has(configured) {
            profile.keysPlace = .configurationFile
        }
        return profile
    }

    /// The settings of `[sso-session NAME]`; nil where there is none.
    func ssoSession(_ name: String) throws(AWSConfigurationError) -> [String: String]? {
        try configuration?.settings(of: "sso-session \(name)")
    }

    private func configurationSection(_ name: String) -> String? {
        let candidates = name == "default" ? ["profile default", "default"] : ["profile \(name)"]
        return candidates.first { configuration?.has($0) == true }
    }

    private static func places(_ file: ProfileFile?, _ section: String) -> [String: Profile.Place] {
        guard let file else { return [:] }
        return (file.lines[section] ?? [:]).mapValues { Profile.Place(path: file.path, line: $0) }
    }

    /// Every profile's name, sorted.
    var names: [String] {
        var names = Set(credentials?.names ?? [])
        for section in configuration?.names ?? [] {
            if section == "default" { names.insert(section) }
            if section.hasPrefix("profile ") { names.insert(String(section.dropFirst("profile ".count))) }
        }
        return names.sorted()
    }

    /// The sentence for a profile that somebody named and that is not there.
    func missing(_ name: String, namedBy: String) -> AWSConfigurationError {
        let places = [files.configurationPath ?? "~/.aws/config", files.credentialsPath ?? "~/.aws/credentials"]
        if configuration?.has(name) == true {
            return AWSConfigurationError(
                cause:
                    "the profile \"\(name)\" of \(namedBy) is in \(places[0]) as [\(name)], which is no profile there",
                fix: "write [profile \(name)]")
        }
        let near = Spelling.nearest(to: name, in: names)
        let known = names.isEmpty ? "there are none" : "there are " + names.prefix(8).joined(separator: ", ")
        return missing(
            "the profile \"\(name)\" of \(namedBy) is neither in \(places[0]) nor in \(places[1])",
            fix: near.map { "did you mean \"\($0)\"?" } ?? "add it, or name one that is there (\(known))")
    }
}

/// Names that were meant.
package enum Spelling {
    /// The candidate that a few typing mistakes make of the name; nil where none is near.
    package static func nearest(to name: String, in candidates: [String]) -> String? {
        let limit = name.count < 6 ? 1 : max(2, name.count / 3)
        let ranked = candidates.map { (distance(Array(name), Array($0)), $0) }.filter { $0.0 <= limit }
        return ranked.min { $0 < $1 }?.1
    }

    /// Letters to insert, delete or replace, and neighbours to swap.
    private static func distance(_ first: [Character], _ second: [Character]) -> Int {
        var (before, last) = ([Int](), Array(0...second.count))
        for (index, letter) in first.enumerated() {
            var row = [index + 1]
            for column in second.indices {
                let isSame = letter == second[column]
                var steps = min(last[column + 1] + 1, row[column] + 1, last[column] + (isSame ? 0 : 1))
                if index > 0, column > 0, letter == second[column - 1], first[index - 1] == second[column] {
                    steps = min(steps, before[column - 1] + 1)
                }
                row.append(steps)
            }
            (before, last) = (last, row)
        }
        return last[second.count]
    }
}
