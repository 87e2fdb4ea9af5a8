/// Where credentials come from, before anybody is asked: what environment and files say.
indirect enum CredentialSource: Sendable {
    /// Keys that stand somewhere, and where.
    case keys(Credentials, place: String)
    /// A role that a token of another identity provider opens.
    case webIdentity(WebIdentityRole)
    /// A role that other credentials open.
    case role(AssumedRole, openedBy: CredentialSource)
    /// A role of IAM Identity Center.
    case sso(SSORole)
    /// A program that prints credentials.
    case process(CredentialProgram)
    /// The agent of ECS or EKS.
    case container(ContainerEndpoint)
    /// The instance's metadata service.
    case instance(InstanceMetadata)

    /// Where, for a person: "the role … , opened by the keys of profile "base"". Holds no secret.
    var place: String {
        switch self {
        case .keys(_, let place): place
        case .webIdentity(let role): "web identity: the role \(role.arn) with the token of \(role.tokenFile)"
        case .role(let role, let source): "the role \(role.arn) of \(role.place), opened by \(source.place)"
        case .sso(let role):
            "IAM Identity Center: the role \(role.roleName) in the account \(role.accountID) (\(role.place))"
        case .process(let program): "credential_process of \(program.place)"
        case .container(let endpoint): "the container's agent (\(endpoint.place))"
        case .instance(let metadata): "the instance's metadata service (\(metadata.url))"
        }
    }

    /// Which of the places of the chain it is, in one word that is stable.
    var kind: String {
        switch self {
        case .keys(_, let place): place.hasPrefix("the environment") ? "environment" : "profile"
        case .webIdentity: "web-identity"
        case .role: "assume-role"
        case .sso: "sso"
        case .process: "process"
        case .container: "container"
        case .instance: "instance"
        }
    }

    /// The account, where it is known before anybody is asked.
    var accountID: String? {
        switch self {
        case .keys(let credentials, _): credentials.accountID
        case .webIdentity(let role): RoleARN.account(of: role.arn)
        case .role(let role, _): RoleARN.account(of: role.arn)
        case .sso(let role): role.accountID
        case .process(let program): program.accountID
        case .container, .instance: nil
        }
    }
}

/// A role to assume with a token out of a file.
struct WebIdentityRole: Sendable, Equatable {
    var arn: String
    var sessionName: String?
    /// Read anew each time: whoever wrote the token renews it.
    var tokenFile: String
    /// The setting that names the file: a variable, or a profile's with file and line.
    var tokenFilePlace: String
}

/// A role to assume with other credentials.
struct AssumedRole: Sendable, Equatable {
    var arn: String
    var sessionName: String?
    var externalID: String?
    var durationInSeconds: Int?
    var place: String
    var opener: Opener
}

/// A program that prints credentials.
struct CredentialProgram: Sendable, Equatable {
    var command: String
    var place: String
    var accountID: String?
}

/// A role that a person's login to IAM Identity Center opens.
struct SSORole: Sendable, Equatable {
    var startURL: String
    var region: String
    var accountID: String
    var roleName: String
    /// Nil for the form without `sso-session`, whose token is never renewed.
    var sessionName: String?
    var profile: String
    var place: String
}

/// A role's name.
enum RoleARN {
    /// The account that the role is in; nil where the text is no ARN of a role.
    /// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html#identifiers-arns
    static func account(of arn: String) -> String? {
        let parts = arn.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
        guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), parts[2] == "iam" || parts[2] == "sts",
            parts[3].isEmpty, AccountID.isOne(parts[4])
        else { return nil }
        let resource = parts[5]
        guard resource.hasPrefix("role/") || resource.hasPrefix("assumed-role/"),
            resource.split(separator: "/", omittingEmptySubsequences: false).allSatisfy({ !$0.isEmpty }),
            resource.utf8.allSatisfy({ (0x21...0x7E).contains($0) })
        else { return nil }
        return String(parts[4])
    }

    static func checked(_ arn: String, place: String) throws(AWSConfigurationError) -> String {
        guard account(of: arn) != nil, arn.contains(":role/") else {
            throw AWSConfigurationError(
                cause: "the role \"\(arn)\" of \(place) is no role's ARN",
                fix: "write it as arn:aws:iam::123456789012:role/name")
        }
        return arn
    }
}

/// An account's number.
package enum AccountID {
    /// Whether the text is twelve digits.
    package static func isOne(_ text: some StringProtocol) -> Bool {
        text.utf8.count == 12 && text.utf8.allSatisfy(\.isASCIIDigit)
    }
}
