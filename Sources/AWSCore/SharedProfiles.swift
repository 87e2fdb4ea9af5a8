/// The profiles of `~/.aws/config` and `~/.aws/credentials`, read when asked.
/// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
struct SharedProfiles: Sendable {
    let profile: String
    /// Whether somebody has named it; `default` may be missing otherwise.
    let isNamed: Bool
    let configurationPath: String?
    let credentialsPath: String?
    /// Those of the paths that a variable names; `HOME` gives the others.
    private let namedPaths: Set<String>

    init(environment: [String: String], profile: String? = nil) {
        var namedPaths: Set<String> = []
        func path(_ variable: String, _ name: String) -> String? {
            if let path = environment[variable], !path.isEmpty {
                let whole = path.hasPrefix("~/") ? (environment["HOME"] ?? "~") + path.dropFirst() : path
                namedPaths.insert(whole)
                return whole
            }
            return environment["HOME"].flatMap { $0.isEmpty ? nil : "\($0)/.aws/\(name)" }
        }
        let named = profile ?? Self.namingVariable(in: environment).flatMap { environment[$0] } ?? ""
        isNamed = !named.isEmpty
        self.profile = named.isEmpty ? "default" : named
        configurationPath = path("AWS_CONFIG_FILE", "config")
        credentialsPath = path("AWS_SHARED_CREDENTIALS_FILE", "credentials")
        self.namedPaths = namedPaths
    }

    /// The variable that names the profile; nil where none does.
    static func namingVariable(in environment: [String: String]) -> String? {
        ["AWS_PROFILE", "AWS_DEFAULT_PROFILE"].first { environment[$0]?.isEmpty == false }
    }

    /// "profile "default" in /home/x/.aws/config"
    var configurationDescription: String {
        "profile \"\(profile)\" in \(configurationPath ?? "~/.aws/config (HOME is not set)")"
    }

    var credentialsDescription: String {
        "profile \"\(profile)\" in \(credentialsPath ?? "~/.aws/credentials (HOME is not set)")"
    }

    /// The profile of both files; nil where neither has it.
    func loaded() throws(AWSConfigurationError) -> LoadedProfiles.Profile? {
        try LoadedProfiles(self).profile(profile)
    }

    /// What the profile says in either file, as AWS's own tools put it together, its keys aside; empty where it is in neither.
    func settings() throws(AWSConfigurationError) -> [String: String] {
        try (loaded()?.settings ?? [:]).filter { !LoadedProfiles.keys.contains($0.key) }
    }

    /// The profile and file of a setting, with its line: "profile "default" in /home/x/.aws/config:7".
    func place(of name: String) -> String {
        (try? loaded())?.places[name].map { "profile \"\(profile)\" in \($0)" } ?? configurationDescription
    }

    /// The same without the line.
    func file(of name: String) -> String {
        (try? loaded())?.places[name].map { "profile \"\(profile)\" in \($0.path)" } ?? configurationDescription
    }

    /// Throws where the profile is named and in neither file, as AWS's own tools do: what it says would be lost unseen.
    func checkName(by namedBy: String) throws(AWSConfigurationError) {
        guard isNamed else { return }
        let profiles = try LoadedProfiles(self)
        if try profiles.profile(profile) == nil { throw profiles.missing(profile, namedBy: namedBy) }
    }

    /// The settings of `[services NAME]`, which the profile names, and where it stands.
    func services(
        _ name: String
    ) throws(AWSConfigurationError) -> (settings: [String: String], lines: [String: Int]) {
        let prefix = "services "
        var unreadable: [AWSConfigurationError] = []
        let file = try read(configurationPath, noting: &unreadable)
        if let reason = unreadable.first { throw reason }
        if let found = try file?.settings(of: prefix + name) { return (found, file?.lines[prefix + name] ?? [:]) }
        let others = (file?.names ?? []).filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
        let near = Spelling.nearest(to: name, in: others.sorted())
        throw AWSConfigurationError(
            cause: "services of \(place(of: "services")) names [services \(name)], which is not there",
            fix: near.map { "did you mean \"\($0)\"?" } ?? "add that section, or remove the setting")
    }

    /// Why a file cannot be read that nobody has asked for; none where one fails that somebody has.
    var unreadable: [AWSConfigurationError] { (try? LoadedProfiles(self))?.unreadable ?? [] }

    /// The file; nil where it is not there. One that cannot be read is taken for one that is not there, and noted, where nobody
    /// has named it or a profile that it may hold: a service that changes its user may keep a `HOME` that is another's.
    func read(
        _ path: String?, noting unreadable: inout [AWSConfigurationError]
    ) throws(AWSConfigurationError) -> ProfileFile? {
        guard let path else { return nil }
        var found: [UInt8]?
        do throws(AWSConfigurationError) {
            found = try SmallFile.read(path)
        } catch {
            guard !namedPaths.contains(path) else { throw error }
            let reason = AWSConfigurationError(
                cause: error.cause,
                fix: "set HOME to this user's own home directory, or put a file there that this user can read")
            guard !isNamed else { throw reason }
            unreadable.append(reason)
        }
        guard let bytes = found else { return nil }
        return try ProfileFile(parsing: bytes, path: path)
    }
}
