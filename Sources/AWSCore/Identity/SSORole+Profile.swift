extension SSORole {
    /// The profile's role of IAM Identity Center; nil where it names none.
    /// https://docs.aws.amazon.com/sdkref/latest/guide/feature-sso-credentials.html
    init?(
        profile: LoadedProfiles.Profile, profiles: LoadedProfiles
    ) throws(AWSConfigurationError) {
        guard profile["sso_role_name"] != nil || profile["sso_account_id"] != nil else { return nil }
        let place = "profile \"\(profile.name)\""
        var settings = profile.settings
        if let name = profile["sso_session"] {
            guard let session = try profiles.ssoSession(name) else {
                throw profiles.missing(
                    "\(profile.place(of: "sso_session")) is \"\(name)\", and there is no [sso-session \(name)]",
                    fix: "add that section, or run aws configure sso")
            }
            for key in ["sso_start_url", "sso_region"] {
                if let own = settings[key], let other = session[key], own != other {
                    throw AWSConfigurationError(
                        cause: "\(profile.place(of: key)) differs from that of [sso-session \(name)]",
                        fix: "leave it in one place")
                }
                settings[key] = session[key] ?? settings[key]
            }
        }
        let needed = ["sso_start_url", "sso_region", "sso_account_id", "sso_role_name"]
        let missing = needed.filter { settings[$0]?.isEmpty != false }
        guard missing.isEmpty else {
            throw AWSConfigurationError(
                cause: "\(place) uses IAM Identity Center but lacks \(missing.joined(separator: ", "))",
                fix: "add it, or run aws configure sso --profile \(profile.name)")
        }
        self.init(
            startURL: settings["sso_start_url"] ?? "", region: settings["sso_region"] ?? "",
            accountID: settings["sso_account_id"] ?? "", roleName: settings["sso_role_name"] ?? "",
            sessionName: profile["sso_session"], profile: profile.name, place: place)
    }
}

extension LoadedProfiles.Profile {
    /// What the profile says of a login that cannot be used, and what to do; nil where it says nothing of any.
    var unusable: AWSConfigurationError? {
        if self["login_session"] != nil {
            return AWSConfigurationError(
                cause: "\(place(of: "login_session")) is the sign-in of aws login, which is not read",
                fix: "name a profile with credential_process = aws configure export-credentials --profile \(name) "
                    + "--format process")
        }
        guard let key = ["sso_session", "sso_start_url", "sso_region"].first(where: { self[$0] != nil }) else {
            return nil
        }
        return AWSConfigurationError(
            cause: "\(place(of: key)) is of IAM Identity Center, but sso_account_id and sso_role_name are missing",
            fix: "add them, or run aws configure sso --profile \(name)")
    }
}
