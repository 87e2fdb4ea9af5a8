/// Finds the source of credentials in environment and files, as AWS's tools do. Asks nobody.
///
/// Order: the environment's keys, web identity of the environment, the profile (a role of it, web identity, IAM Identity
/// Center, keys of the credentials file, `credential_process`, keys of the configuration file), container, instance. A
/// profile that the caller names in code hides the environment's keys and web identity; a role of a profile that
/// `AWS_PROFILE` (or `AWS_DEFAULT_PROFILE`) names comes before the environment's web identity.
/// https://docs.aws.amazon.com/sdkref/latest/guide/standardized-credentials.html
struct CredentialPlan: Sendable {
    let environment: [String: String]
    let explicitProfile: String?
    private let files: SharedProfiles
    private let keys: EnvironmentCredentials
    private let places: [String: String]

    /// - Parameter places: where variables' values really stand that somebody has put there.
    init(environment: [String: String], profile: String?, places: [String: String] = [:]) {
        self.places = places
        self.environment = environment
        explicitProfile = profile
        files = SharedProfiles(environment: environment, profile: profile)
        keys = EnvironmentCredentials(environment: environment)
    }

    /// Where nothing was found, and what was found and cannot be used.
    struct Looked {
        var places: [String] = []
        var passedOver: [AWSConfigurationError] = []
        /// Files that may have had them.
        var unreadable: [AWSConfigurationError] = []
    }

    /// The source; nil where nothing is configured and the instance's metadata service is switched off.
    func source(looked: inout Looked) throws(AWSConfigurationError) -> CredentialSource? {
        if explicitProfile == nil {
            if let held = try keys.held() { return .keys(held, place: EnvironmentCredentials.place) }
            looked.places.append("AWS_ACCESS_KEY_ID in the environment (not set)")
        }
        let profiles = try LoadedProfiles(files)
        looked.unreadable = profiles.unreadable
        let variableName = SharedProfiles.namingVariable(in: environment).map { places[$0] ?? $0 }
        let namedBy = explicitProfile != nil ? "the program" : variableName
        let profile = try profiles.profile(files.profile)
        if explicitProfile == nil, namedBy == nil || profile?.hasRole != true, let role = try webIdentity() {
            return role
        }
        if profile == nil, let namedBy { throw profiles.missing(files.profile, namedBy: namedBy) }
        if let profile {
            var visited = [profile.name]
            let found =
                profile.hasRole
                ? try role(profile, profiles, &visited) : try credentials(of: profile, profiles)
            if let found { return found }
            if let unusable = profile.unusable { looked.passedOver.append(unusable) }
        }
        looked.places.append(lookedInFiles(profiles, profile))
        if let container = try ContainerEndpoint(environment: environment) { return .container(container) }
        guard let instance = try InstanceMetadata(environment: environment, profile: profile?.settings ?? [:]) else {
            looked.places.append("the instance's metadata service (AWS_EC2_METADATA_DISABLED is true)")
            return nil
        }
        return .instance(instance)
    }

    /// The keys that come before everything else and need nothing but the variables; nil where a profile hides them.
    var keysOfTheEnvironment: Result<Credentials?, AWSConfigurationError> {
        guard explicitProfile == nil else { return .success(nil) }
        return Result { () throws(AWSConfigurationError) in try keys.held() }
    }

    private func variable(_ name: String) -> String? { environment[name].flatMap { $0.isEmpty ? nil : $0 } }

    private func lookedInFiles(_ profiles: LoadedProfiles, _ profile: LoadedProfiles.Profile?) -> String {
        let lacksKeys = profile == nil ? "no such profile" : "no keys"
        func reason(_ path: String?, _ isThere: Bool, _ lacks: String) -> String {
            if let path, profiles.unreadable.contains(where: { $0.cause.hasPrefix(path) }) { return "unreadable" }
            return isThere ? lacks : "no such file"
        }
        return "\(files.credentialsDescription) "
            + "(\(reason(files.credentialsPath, profiles.hasCredentialsFile, lacksKeys))) and "
            + "\(files.configurationPath ?? "~/.aws/config") "
            + "(\(reason(files.configurationPath, profiles.hasConfigurationFile, "none either")))"
    }

    // MARK: Web identity

    private func webIdentity() throws(AWSConfigurationError) -> CredentialSource? {
        guard let file = variable("AWS_WEB_IDENTITY_TOKEN_FILE") else { return nil }
        guard let arn = variable("AWS_ROLE_ARN") else {
            throw AWSConfigurationError(
                cause: "AWS_WEB_IDENTITY_TOKEN_FILE is set, but AWS_ROLE_ARN is not", fix: "set both or neither")
        }
        return .webIdentity(
            WebIdentityRole(
                arn: try RoleARN.checked(arn, place: "AWS_ROLE_ARN"),
                sessionName: try SessionName.checked(variable("AWS_ROLE_SESSION_NAME"), "AWS_ROLE_SESSION_NAME"),
                tokenFile: file, tokenFilePlace: "AWS_WEB_IDENTITY_TOKEN_FILE"))
    }

    // MARK: A profile

    /// What the profile itself has, a role that needs other credentials aside.
    private func credentials(
        of profile: LoadedProfiles.Profile, _ profiles: LoadedProfiles
    ) throws(AWSConfigurationError) -> CredentialSource? {
        let place = "profile \"\(profile.name)\""
        if let file = profile["web_identity_token_file"] {
            guard let arn = profile["role_arn"] else {
                let has = "web_identity_token_file"
                throw AWSConfigurationError(
                    cause: "\(profile.place(holding: has)) has \(has) but no role_arn", fix: "add the role's ARN")
            }
            return .webIdentity(
                WebIdentityRole(
                    arn: try RoleARN.checked(arn, place: profile.place(holding: "role_arn")),
                    sessionName: try SessionName.checked(
                        profile["role_session_name"], profile.place(holding: "role_session_name")), tokenFile: file,
                    tokenFilePlace: profile.place(of: "web_identity_token_file")))
        }
        if let role = try SSORole(profile: profile, profiles: profiles) { return .sso(role) }
        if profile.keysPlace == .credentialsFile { return try keys(of: profile) }
        if let command = profile["credential_process"] {
            return .process(
                CredentialProgram(
                    command: command, place: place, accountID: profile["aws_account_id"]))
        }
        return profile.hasKeys ? try keys(of: profile) : nil
    }

    private func keys(of profile: LoadedProfiles.Profile) throws(AWSConfigurationError) -> CredentialSource {
        let place =
            "profile \"\(profile.name)\" in "
            + ((profile.keysPlace == .credentialsFile ? files.credentialsPath : files.configurationPath) ?? "~/.aws")
        guard let keyID = profile["aws_access_key_id"], let secret = profile["aws_secret_access_key"] else {
            let (has, lacks) =
                profile["aws_access_key_id"] != nil
                ? ("aws_access_key_id", "aws_secret_access_key") : ("aws_secret_access_key", "aws_access_key_id")
            throw AWSConfigurationError(
                cause:
                    "profile \"\(profile.name)\" in \(profile.places[has]?.description ?? "~/.aws") has \(has) but no \(lacks)",
                fix: "add it")
        }
        return .keys(
            Credentials(
                accessKeyID: keyID, secretAccessKey: secret,
                sessionToken: profile["aws_session_token"] ?? profile["aws_security_token"],
                expiration: try expiration(profile, place: place), accountID: profile["aws_account_id"]),
            place: place)
    }

    /// Tools that write temporary keys say so in one of these.
    private func expiration(
        _ profile: LoadedProfiles.Profile, place: String
    ) throws(AWSConfigurationError) -> Timestamp? {
        for name in ["aws_expiration", "x_security_token_expires", "expiration"] {
            guard let text = profile[name] else { continue }
            guard let time = Timestamp(expiry: text) else {
                throw AWSConfigurationError(
                    cause: "\(profile.place(of: name)) is no time", fix: "use the form 2026-11-23T23:10:00Z")
            }
            return time
        }
        return nil
    }

    // MARK: Roles

    private func role(
        _ profile: LoadedProfiles.Profile, _ profiles: LoadedProfiles, _ visited: inout [String]
    ) throws(AWSConfigurationError) -> CredentialSource {
        let role = try AssumedRole(profile)
        switch (profile["source_profile"], profile["credential_source"]) {
        case (nil, nil):
            throw AWSConfigurationError(
                cause: "\(role.place) has role_arn but says nothing about who opens the role",
                fix: "add source_profile, or credential_source = Ec2InstanceMetadata, EcsContainer or Environment")
        case (.some, .some):
            throw AWSConfigurationError(
                cause: "\(role.place) has both source_profile and credential_source", fix: "leave one of them")
        case (nil, let named?): return .role(role, openedBy: try namedSource(named, of: profile))
        case (let name?, nil):
            return .role(role, openedBy: try sourceProfile(name, of: profile, profiles, &visited))
        }
    }

    private func namedSource(
        _ name: String, of profile: LoadedProfiles.Profile
    ) throws(AWSConfigurationError) -> CredentialSource {
        let asked = profile.place(of: "credential_source").replacing(
            "credential_source", with: "credential_source = \(name)", maxReplacements: 1)
        switch name {
        case "Environment":
            if let held = try keys.held() { return .keys(held, place: EnvironmentCredentials.place) }
            throw AWSConfigurationError(
                cause: "\(asked) finds no keys in the environment",
                fix: "set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY")
        case "EcsContainer":
            if let container = try ContainerEndpoint(environment: environment) { return .container(container) }
            throw AWSConfigurationError(
                cause: "\(asked) finds no container's agent",
                fix: "run in ECS or EKS, which set AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or …_FULL_URI")
        case "Ec2InstanceMetadata":
            if let instance = try InstanceMetadata(environment: environment, profile: profile.settings) {
                return .instance(instance)
            }
            throw AWSConfigurationError(
                cause: "\(asked) is switched off by AWS_EC2_METADATA_DISABLED", fix: "unset that variable")
        default:
            throw AWSConfigurationError(
                cause: "\(asked) is none that there is", fix: "use Ec2InstanceMetadata, EcsContainer or Environment")
        }
    }

    private func sourceProfile(
        _ name: String, of profile: LoadedProfiles.Profile, _ profiles: LoadedProfiles, _ visited: inout [String]
    ) throws(AWSConfigurationError) -> CredentialSource {
        guard let source = try profiles.profile(name) else {
            throw profiles.missing(name, namedBy: profile.place(of: "source_profile"))
        }
        // A profile may name itself: then its own keys open its role.
        if visited.contains(name), name != profile.name || !source.hasKeys {
            throw AWSConfigurationError(
                cause: "the profiles \((visited + [name]).joined(separator: " → ")) open each other in a circle",
                fix: "let the last source_profile name one with keys")
        }
        visited.append(name)
        if source.hasRole && !source.hasKeys { return try role(source, profiles, &visited) }
        guard let found = try source.hasRole ? keys(of: source) : credentials(of: source, profiles) else {
            let unusable = source.unusable
            throw AWSConfigurationError(
                cause: "source_profile \"\(name)\" of profile \"\(profile.name)\" has no credentials"
                    + (unusable.map { "; \($0.cause)" } ?? ""),
                fix: unusable?.fix ?? "add keys, credential_process, SSO or a role there")
        }
        return found
    }
}

extension AssumedRole {
    fileprivate init(_ profile: LoadedProfiles.Profile) throws(AWSConfigurationError) {
        place = "profile \"\(profile.name)\""
        arn = try RoleARN.checked(profile["role_arn"] ?? "", place: profile.place(holding: "role_arn"))
        if profile["mfa_serial"] != nil {
            throw AWSConfigurationError(
                cause:
                    "\(profile.place(of: "mfa_serial")) asks for a code of a person's MFA device, which a service cannot give",
                fix: "let a credential_process or an SSO profile hand out its credentials, or use a role without MFA")
        }
        sessionName = try SessionName.checked(
            profile["role_session_name"], profile.place(holding: "role_session_name"))
        externalID = profile["external_id"]
        opener = Opener(profile: profile["source_profile"], source: profile["credential_source"])
        guard let text = profile["duration_seconds"] else { return }
        // https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
        guard let seconds = Int(text), (900...43_200).contains(seconds) else {
            throw AWSConfigurationError(
                cause: "\(profile.place(of: "duration_seconds")) is \"\(text)\"",
                fix: "use a whole number from 900 to 43200")
        }
        durationInSeconds = seconds
    }
}

/// The name of a role's session, which CloudTrail shows.
enum SessionName {
    /// 2 to 64 of letters, digits and `_+=,.@-`.
    /// https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRole.html
    static func checked(_ name: String?, _ place: String) throws(AWSConfigurationError) -> String? {
        guard let name else { return nil }
        let isAllowed = name.utf8.allSatisfy { byte in
            byte.isASCIIDigit || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || "_+=,.@-".utf8.contains(byte)
        }
        guard (2...64).contains(name.utf8.count), isAllowed else {
            throw AWSConfigurationError(
                cause: "the role's session name \"\(name)\" of \(place) cannot be used",
                fix: "use 2 to 64 of letters, digits and _+=,.@-")
        }
        return name
    }
}
