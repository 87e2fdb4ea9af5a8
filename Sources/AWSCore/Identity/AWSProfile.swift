/// The settings of the profile that an environment names, for whoever says where a value comes from.
package struct AWSProfile: Sendable {
    let files: SharedProfiles

    /// The profile that `AWS_PROFILE` names, else `default`.
    package init(environment: [String: String]) {
        files = SharedProfiles(environment: environment)
    }

    /// Which profile of which file that is: `profile "default" in /home/x/.aws/config`.
    package var place: String { files.configurationDescription }

    /// What is hardly meant, each with what to do: files that cannot be read and that nobody has named, nor a profile of them.
    package var warnings: [AWSConfigurationError] {
        files.unreadable.map {
            AWSConfigurationError(cause: "\($0.cause) and is taken for one that is not there", fix: $0.fix)
        }
    }

    /// Everything that the profile says.
    package func settings() throws(AWSConfigurationError) -> [String: String] { try files.settings() }

    /// The same with the line of a setting.
    package func line(of name: String) -> String { files.place(of: name) }

    /// The setting's value; nil where neither file has it.
    package func value(of name: String) throws(AWSConfigurationError) -> String? {
        try files.settings()[name].flatMap { $0.isEmpty ? nil : $0 }
    }

    /// Where the setting stands; nil where it does not.
    package func place(of name: String) throws(AWSConfigurationError) -> String? {
        try value(of: name) == nil ? nil : files.file(of: name)
    }
}
