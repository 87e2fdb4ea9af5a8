internal import AWSCore

extension ConfigurationReport {
    /// Where credentials would come from.
    static func line(_ chain: CredentialChain) -> Line {
        do {
            let origin = try chain.origin()
            return Line(name: "credentials", value: origin.kind, origin: origin.description)
        } catch {
            return Line(name: "credentials", value: "none", origin: error.message)
        }
    }

    /// As much as is known of settings that are no configuration, what is wrong marked.
    ///
    /// - Parameter isFileKnown: whether the file that was named could be read, or none was.
    init(_ layers: SettingLayers, _ problems: [ConfigurationProblem], isFileKnown: Bool) {
        let profile = AWSProfile(environment: layers.variables)
        lines = TidemarkSetting.all.map { setting in
            if let (text, origin) = layers.chosen[setting.name] {
                return Line(
                    name: setting.name, value: Self.shown(text, setting), origin: origin.description,
                    isRefused: problems.contains { $0.isAbout(origin, setting) })
            }
            if let (text, origin) = layers.refused[setting.name] {
                return Line(
                    name: setting.name, value: Self.shown(text, setting), origin: origin.description, isRefused: true)
            }
            if setting.name == "endpoint", !AWSEndpoint.ignoresConfiguredURLs(layers.variables),
                let found = try? profile.servicesURL(of: .dynamoDB)
            {
                return Line(
                    name: setting.name, value: Self.shown(found.url, setting), origin: found.source,
                    isRefused: problems.contains { $0.cause.contains(found.source) })
            }
            if let key = setting.profileKey, let text = try? profile.value(of: key),
                let place = try? profile.place(of: key)
            {
                let isRefused = problems.contains {
                    $0.cause.contains("\(key) of \(profile.line(of: key))") || $0.cause.contains(profile.line(of: key))
                }
                return Line(name: setting.name, value: Self.shown(text, setting), origin: place, isRefused: isRefused)
            }
            var line = Line(standardOf: setting)
            guard isFileKnown else {
                (line.value, line.origin) = ("not known", "the file cannot be read")
                (line.isDefault, line.isInWords) = (false, true)
                return line
            }
            line.isRefused = setting.name == "region" && problems.contains { $0.cause == AWSEndpoint.noRegion }
            return line
        }
        lines.append(Self.line(layers.credentials))
    }

    /// No password of what should be an endpoint, and no more of any value than tells it.
    private static func shown(_ text: String, _ setting: TidemarkSetting) -> String {
        let shown = setting.name == "endpoint" ? AWSEndpoint.shown(text) : text
        return shown.count > 256 ? shown.prefix(256) + "…" : shown
    }
}

extension ConfigurationProblem {
    /// Whether it names the place of this setting.
    fileprivate func isAbout(_ origin: SettingOrigin, _ setting: TidemarkSetting) -> Bool {
        switch origin {
        case .variable(let name):
            cause.split { !($0.isLetter || $0.isNumber || $0 == "_") }.contains { $0 == name }
        case .file(let path, let line, let column): cause.contains("\(path):\(line):\(column)")
        case .code: cause.contains("`\(setting.name)`, given in code")
        case .profile, .standard: false
        }
    }
}
