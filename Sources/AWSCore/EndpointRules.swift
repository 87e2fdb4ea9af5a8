/// A part of AWS with names of its own.
/// https://github.com/boto/botocore/blob/develop/botocore/data/partitions.json
struct Partition: Sendable, Equatable {
    var name: String
    var regionPrefixes: [String]
    var domain: String
    var dualStackDomain: String

    static let standard = Partition(
        name: "aws", regionPrefixes: [], domain: "amazonaws.com", dualStackDomain: "api.aws")
    private static let others = [
        Partition(
            name: "aws-cn", regionPrefixes: ["cn-"], domain: "amazonaws.com.cn",
            dualStackDomain: "api.amazonwebservices.com.cn"),
        Partition(
            name: "aws-us-gov", regionPrefixes: ["us-gov-"], domain: "amazonaws.com", dualStackDomain: "api.aws"),
        Partition(
            name: "aws-iso", regionPrefixes: ["us-iso-"], domain: "c2s.ic.gov", dualStackDomain: "api.aws.ic.gov"),
        Partition(
            name: "aws-iso-b", regionPrefixes: ["us-isob-"], domain: "sc2s.sgov.gov", dualStackDomain: "api.aws.scloud"),
        Partition(
            name: "aws-iso-e", regionPrefixes: ["eu-isoe-"], domain: "cloud.adc-e.uk",
            dualStackDomain: "api.cloud-aws.adc-e.uk"),
        Partition(
            name: "aws-iso-f", regionPrefixes: ["us-isof-"], domain: "csp.hci.ic.gov",
            dualStackDomain: "api.aws.hci.ic.gov"),
        Partition(
            name: "aws-eusc", regionPrefixes: ["eusc-"], domain: "amazonaws.eu",
            dualStackDomain: "api.amazonwebservices.eu"),
    ]

    /// The partition of a region; the standard one of a region that nobody knows yet.
    static func of(region: String) -> Partition {
        others.first { $0.regionPrefixes.contains { region.hasPrefix($0) } } ?? standard
    }
}

/// What decides where a service is reached, and the decision. Held against botocore's own rule engine by golden vectors
/// (`scripts/make-endpoint-vectors`).
struct EndpointRules: Sendable {
    /// Whether the endpoint of the credentials' account is used.
    /// https://docs.aws.amazon.com/sdkref/latest/guide/feature-account-endpoints.html
    enum AccountMode: String, Sendable, CaseIterable {
        case preferred, disabled, required
    }

    let service: AWSService
    let region: String
    var isFIPS = false
    var isDualStack = false
    var accountMode = AccountMode.preferred
    var custom: (url: String, source: String)?
    /// Who says so, for messages.
    private var fipsSource = "AWS_USE_FIPS_ENDPOINT"
    private var dualStackSource = "AWS_USE_DUALSTACK_ENDPOINT"
    private var accountModeSource = "AWS_ACCOUNT_ID_ENDPOINT_MODE"

    init(service: AWSService, region: String) {
        self.service = service
        self.region = region
    }

    mutating func read(
        environment: [String: String], profile: SharedProfiles, places: [String: String] = [:],
        noting problems: inout AWSConfigurationErrors
    ) {
        let settings = problems.noting { () throws(AWSConfigurationError) in try profile.settings() } ?? [:]
        func setting(_ variable: String, _ name: String) -> (value: String, source: String)? {
            if let value = environment[variable], !value.isEmpty { return (value, places[variable] ?? variable) }
            guard let value = settings[name], !value.isEmpty else { return nil }
            return (value, "\(name) of \(profile.place(of: name))")
        }
        func flag(_ variable: String, _ name: String, _ place: inout String) throws(AWSConfigurationError) -> Bool {
            guard let (value, source) = setting(variable, name) else { return false }
            place = source
            switch value.lowercased() {
            case "true": return true
            case "false": return false
            default: throw AWSConfigurationError(cause: "\(source) is \"\(value)\"", fix: "use true or false")
            }
        }
        func mode() throws(AWSConfigurationError) -> (AccountMode, String)? {
            guard let (value, source) = setting("AWS_ACCOUNT_ID_ENDPOINT_MODE", "account_id_endpoint_mode") else {
                return nil
            }
            guard let mode = AccountMode(rawValue: value.lowercased()) else {
                throw AWSConfigurationError(
                    cause: "\(source) is \"\(value)\"", fix: "use preferred, disabled or required")
            }
            return (mode, source)
        }
        isFIPS =
            problems.noting { () throws(AWSConfigurationError) in
                try flag("AWS_USE_FIPS_ENDPOINT", "use_fips_endpoint", &fipsSource)
            } ?? false
        isDualStack =
            problems.noting { () throws(AWSConfigurationError) in
                try flag("AWS_USE_DUALSTACK_ENDPOINT", "use_dualstack_endpoint", &dualStackSource)
            } ?? false
        if case let found?? = problems.noting(mode) { (accountMode, accountModeSource) = found }
    }

    func endpoint() throws(AWSConfigurationError) -> AWSEndpoint {
        if let custom {
            try refuseTogether("the endpoint \(custom.url) of \(custom.source)")
            return AWSEndpoint(url: custom.url, region: region)
        }
        if region == "local", service == .dynamoDB {
            // What AWS's tools take this word for.
            try refuseTogether("the region local")
            return AWSEndpoint(url: "http://localhost:8000/", region: "us-east-1")
        }
        let partition = Partition.of(region: region)
        var endpoint = AWSEndpoint(url: "https://\(host(partition))/", region: region)
        endpoint.account = try account(partition)
        return endpoint
    }

    private func refuseTogether(_ what: String) throws(AWSConfigurationError) {
        if isFIPS || isDualStack {
            throw AWSConfigurationError(
                cause: "\(what) cannot be had as a \(isFIPS ? "FIPS" : "dual-stack") endpoint",
                fix: "unset \(isFIPS ? fipsSource : dualStackSource) or name no endpoint")
        }
    }

    private func host(_ partition: Partition) -> String {
        let domain = isDualStack ? partition.dualStackDomain : partition.domain
        // GovCloud's ordinary endpoints are FIPS endpoints; of those that have IPv6 as well, CloudWatch's only.
        let isPlain = partition.name == "aws-us-gov" && (!isDualStack || service == .cloudWatch)
        return "\(service.hostPrefix)\(isFIPS && !isPlain ? "-fips" : "").\(region).\(domain)"
    }

    private func account(_ partition: Partition) throws(AWSConfigurationError) -> AccountEndpoint? {
        guard service == .dynamoDB, accountMode != .disabled else { return nil }
        if isFIPS || partition != .standard {
            guard accountMode == .required else { return nil }
            throw AWSConfigurationError(
                cause: "\(accountModeSource) is required and asks for an account's own endpoint, which "
                    + (isFIPS ? "FIPS does not have" : "the partition \(partition.name) does not have"),
                fix: isFIPS ? "unset it or \(fipsSource)" : "unset it, or use preferred")
        }
        return AccountEndpoint(
            suffix: ".ddb.\(region).\(isDualStack ? partition.dualStackDomain : partition.domain)/",
            isRequired: accountMode == .required)
    }
}

/// How a service's endpoint of one account is named.
public struct AccountEndpoint: Hashable, Sendable {
    /// What follows the account's number.
    var suffix: String
    /// Whether the region's common endpoint may not be used instead.
    public var isRequired: Bool

    /// The URL for these credentials; nil where they name no account and the region's common endpoint will do.
    public func url(for credentials: Credentials) throws(AWSConfigurationError) -> String? {
        guard let account = credentials.accountID else {
            guard isRequired else { return nil }
            throw AWSConfigurationError(
                cause: "AWS_ACCOUNT_ID_ENDPOINT_MODE=required asks for the account's own endpoint, and the credentials "
                    + "do not say which account they belong to",
                fix: "set AWS_ACCOUNT_ID beside AWS_ACCESS_KEY_ID, or aws_account_id in the profile, or use preferred")
        }
        guard Self.isHostLabel(account) else {
            throw AWSConfigurationError(
                cause: "the credentials' account \"\(account)\" cannot stand in a host's name",
                fix: "correct AWS_ACCOUNT_ID or aws_account_id: an account has twelve digits")
        }
        return "https://\(account)\(suffix)"
    }

    /// https://smithy.io/2.0/additional-specs/rules-engine/standard-library.html#isvalidhostlabel-function
    private static func isHostLabel(_ text: String) -> Bool {
        let bytes = text.utf8
        return (1...63).contains(bytes.count) && bytes.first != UInt8(ascii: "-")
            && bytes.allSatisfy { byte in
                byte.isASCIIDigit || byte == UInt8(ascii: "-")
                    || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
            }
    }
}
