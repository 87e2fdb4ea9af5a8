/// The settings of the profile that an environment names, for whoever says where a value comes from.
package struct AWSProfile: Sendable {
    let files: SharedProfiles
    private let older: String?
    private let isNamedByOlder: Bool

    /// The profile that `AWS_PROFILE` names, else `AWS_DEFAULT_PROFILE`, else `default`.
    package init(environment: [String: String]) {
        files = SharedProfiles(environment: environment)
        older = environment["AWS_DEFAULT_PROFILE"].flatMap { $0.isEmpty ? nil : $0 }
        isNamedByOlder = SharedProfiles.namingVariable(in: environment) == "AWS_DEFAULT_PROFILE"
    }

    /// Which profile of which file that is: `profile "default" in /home/x/.aws/config`.
    package var place: String { files.configurationDescription }

    /// What is hardly meant, each with what to do: files that cannot be read and that nobody has named, nor a profile of them; a
    /// profile that not all of AWS's tools would take.
    package var warnings: [AWSConfigurationError] {
        files.unreadable.map {
            AWSConfigurationError(cause: "\($0.cause) and is taken for one that is not there", fix: $0.fix)
        } + [olderWarning].compactMap { $0 }
    }

    /// botocore takes `AWS_DEFAULT_PROFILE` before `AWS_PROFILE`; the SDKs' reference and most SDKs know the second alone. Which
    /// account a call reaches must not hang on that unseen.
    /// https://docs.aws.amazon.com/sdkref/latest/guide/file-format.html
    private var olderWarning: AWSConfigurationError? {
        guard let older else { return nil }
        if isNamedByOlder {
            return AWSConfigurationError(
                cause: "AWS_DEFAULT_PROFILE alone names the profile, \"\(older)\", which other SDKs than botocore "
                    + "(boto3, the AWS CLI) do not read", fix: "set AWS_PROFILE instead")
        }
        guard older != files.profile else { return nil }
        return AWSConfigurationError(
            cause: "the profile is \"\(files.profile)\", and AWS_DEFAULT_PROFILE, which botocore (boto3, the AWS CLI) "
                + "would take, is \"\(older)\"", fix: "unset AWS_DEFAULT_PROFILE, or name the same in both")
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
