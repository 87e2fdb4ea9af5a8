import AWSCore

extension EffectiveConfiguration {
    /// What holds, setting by setting, with where each value comes from: what `tidemark agent --check` prints.
    ///
    /// - Parameter environment: the environment variables, for region and endpoint, which AWS's own files may give too.
    public func text(environment: [String: String], style: TextStyle = .plain) -> String {
        var grid = TextGrid([("setting", .left), ("value", .left), ("from", .left)])
        for setting in AgentSetting.all {
            let (value, isSet) = value(of: setting, environment)
            let unit = isSet && !setting.unit.isEmpty ? " " + setting.unit : ""
            grid.add([
                .init(setting.name, .strong), .init(value + unit, isSet ? nil : .quiet),
                .init(source(of: setting), origins[setting.name] == nil ? .quiet : nil),
            ])
        }
        return grid.lines(style).map { $0 + "\n" }.joined()
    }

    private func value(of setting: AgentSetting, _ environment: [String: String]) -> (text: String, isSet: Bool) {
        if Self.documentNames.contains(setting.name) {
            return documents[setting.name].map { ($0, true) } ?? (setting.standard, false)
        }
        if let text = configuration.text(of: setting.name) { return (text, true) }
        if setting.name == "region" || setting.name == "cloudwatch-endpoint" {
            do {
                let endpoint = try AWSEndpoint.resolve(
                    service: .cloudWatch, explicit: configuration.cloudWatchEndpoint, region: configuration.region,
                    environment: environment)
                return (setting.name == "region" ? endpoint.region : endpoint.url, true)
            } catch {
                return ("unknown: \(error.message)", false)
            }
        }
        return (setting.standard, false)
    }

    private func source(of setting: AgentSetting) -> String {
        switch origins[setting.name] {
        case .option(let option): option
        case .file(let line): "\(path ?? ""):\(line)"
        case .variable(let name): "$\(name)"
        case .standard, nil: "default"
        }
    }

    /// Takes what a running agent has taken over; the rest keeps the value that is in force.
    public mutating func take(_ new: EffectiveConfiguration) {
        for setting in AgentSetting.all where setting.isReloadable {
            origins[setting.name] = new.origins[setting.name]
            documents[setting.name] = new.documents[setting.name]
        }
        configuration = configuration.takingOver(new.configuration)
    }

    /// What differs between two configurations, and cannot be taken over while the agent runs.
    public func changes(
        to other: EffectiveConfiguration
    ) -> (reloadable: [String], needRestart: [String]) {
        var result: (reloadable: [String], needRestart: [String]) = ([], [])
        for setting in AgentSetting.all {
            let isDocument = Self.documentNames.contains(setting.name)
            let before = isDocument ? documents[setting.name] : configuration.text(of: setting.name)
            let after = isDocument ? other.documents[setting.name] : other.configuration.text(of: setting.name)
            guard before != after else { continue }
            if setting.isReloadable {
                result.reloadable.append(setting.name)
            } else {
                result.needRestart.append(setting.name)
            }
        }
        return result
    }
}
