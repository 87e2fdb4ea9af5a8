import AWSCore
import AgentCore
import CurlTransport
import Telemetry
import Tidemark

/// Whether an endpoint answers, and how far its clock is from this host's: one request without a signature.
enum EndpointProbe {
    struct Finding {
        var verdict: DoctorReport.Verdict
        var what: String
        var fix = ""
    }

    struct Outcome {
        var isReachable: Bool
        var checks: [Finding]
    }

    /// A signature is refused when it is five minutes off, and the runtime then corrects itself.
    /// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-troubleshooting.html
    static let refusedOffset: Int64 = 300
    static let warnedOffset: Int64 = 30

    static func examine(
        _ endpoint: AWSEndpoint, over transport: any Transport, proxy: ProxyInUse?
    ) async -> Outcome {
        let request = HTTPRequest(
            method: "GET", url: endpoint.url,
            timeouts: Timeouts(connect: .seconds(3), firstByte: .seconds(5), attempt: .seconds(8)),
            maximumResponseBytes: 1 << 20)
        let before = Timestamp.now()
        do throws(TransportError) {
            let response = try await transport.send(request)
            let phases = response.phases
            let tls = phases.tls > .zero ? ", TLS \(milliseconds(phases.tls))" : ""
            var checks = [
                Finding(
                    verdict: .ok,
                    what:
                        "\(endpoint.url) answers\(proxy.map { " over \($0)" } ?? ""): connection \(milliseconds(phases.dns + phases.connect))\(tls), first byte "
                        + milliseconds(phases.firstByte))
            ]
            if let time = response.header("date").flatMap({ Timestamp(httpDate: $0) }) {
                checks.append(clock(server: time, host: before))
            }
            return Outcome(isReachable: true, checks: checks)
        } catch {
            let fix =
                switch error.code {
                case .connect where proxy != nil && error.message.contains(CurlTransport.proxyDemandsLogin):
                    ProxyInUse.loginAdvice
                case .timeout(.connect) where error.phases.connect == .zero && error.phases.tls == .zero:
                    "check the name servers in /etc/resolv.conf, and that this host reaches them (port 53; in a VPC its DNS support)"
                case .noDescriptors: "raise the limit (ulimit -n, LimitNOFILE=)"
                case .dns where proxy != nil, .connect where proxy != nil, .timeout where proxy != nil:
                    ProxyInUse.advice
                case .dns: "check the region and the endpoint's name, and this host's name service"
                case .connect:
                    "check that something listens there, and routes, security groups and firewalls on the way"
                case .tls: "check that the endpoint speaks TLS 1.2 or later, https or http as it wants"
                case .certificate:
                    "use the name that the certificate is for, and name the authority that signed it with "
                        + "certificate-authorities (AWS_CA_BUNDLE) where it is your own"
                case .timeout where endpoint.url.hasPrefix("https:"):
                    "check that TLS is spoken there, routes, security groups and firewalls, or a proxy that is missing "
                        + "(https_proxy)"
                case .timeout: "check routes, security groups and firewalls, or a proxy that is missing (http_proxy)"
                case .malformedResponse, .connectionReset, .truncated, .tooLarge:
                    "check that DynamoDB answers there, https or http as it wants"
                default: "check the network of this host"
                }
            return Outcome(
                isReachable: false,
                checks: [
                    Finding(verdict: .problem, what: "\(endpoint.url) \(whatFails(error)): \(error.message)", fix: fix)
                ])
        }
    }

    private static func whatFails(_ error: TransportError) -> String {
        switch error.code {
        case .malformedResponse, .truncated, .tooLarge: "answers, but not as DynamoDB does"
        default: "cannot be reached"
        }
    }

    /// The header has whole seconds.
    private static func clock(server: Timestamp, host: Timestamp) -> Finding {
        let offset = host.seconds - server.seconds
        guard offset.magnitude > UInt64(warnedOffset) else {
            return Finding(verdict: .ok, what: "this host's clock agrees with DynamoDB's")
        }
        let text = "this host's clock is \(offset.magnitude) s \(offset < 0 ? "behind" : "ahead of") DynamoDB's"
        guard offset.magnitude >= UInt64(refusedOffset) else {
            return Finding(verdict: .warning, what: text, fix: "start a time service (chrony, systemd-timesyncd)")
        }
        return Finding(
            verdict: .problem,
            what: text + ": the first signature is refused, and temporary credentials seem to last longer or shorter",
            fix: "set the clock, and start a time service (chrony, systemd-timesyncd)")
    }

    private static func milliseconds(_ duration: Duration) -> String {
        let (seconds, attoseconds) = duration.components
        let tenths = (Double(seconds) * 1e3 + Double(attoseconds) / 1e15) * 10
        return "\(tenths.rounded() / 10) ms"
    }
}

/// Whether DynamoDB accepts the credentials: one signed request that reads no item.
enum AccessProbe {
    static func examine(_ configuration: TidemarkConfiguration, table: String?) async -> EndpointProbe.Finding {
        do throws(TidemarkError) {
            let client = try DynamoDBClient(configuration: configuration)
            defer { client.telemetry.close() }
            guard let table else {
                let names = try await client.listTables()
                return .init(
                    verdict: .ok,
                    what: "it accepts the credentials, and shows \(names.count) table\(names.count == 1 ? "" : "s")")
            }
            _ = try await client.describeTable(table)
            return .init(verdict: .ok, what: "it accepts the credentials, and the table \(table) is there")
        } catch {
            return finding(error, configuration, table: table)
        }
    }

    private static func finding(
        _ error: TidemarkError, _ configuration: TidemarkConfiguration, table: String?
    ) -> EndpointProbe.Finding {
        let region = configuration.endpoint.region
        let said = error.message.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        switch error.failureKind {
        case .notFound:
            return .init(
                verdict: .problem, what: "the table \(table ?? "") is not there, in the region \(region): \(said)",
                fix: "check its name, region and account, or make it (tidemark tables apply)")
        case .accessDenied where table == nil:
            // Whoever may not list tables has been recognised.
            return .init(
                verdict: .ok, what: "it accepts the credentials, which may not list tables; name one with --table")
        case .accessDenied:
            return .init(
                verdict: .problem, what: "the credentials may not describe the table \(table ?? ""): \(said)",
                fix: "allow dynamodb:DescribeTable and the operations that the service uses on it (policies/)")
        case .credentials:
            return .init(
                verdict: .problem, what: "it does not accept the credentials: \(said)",
                fix: "renew them, and check that they belong to this partition and that this host's clock is right")
        case .other:
            return .init(
                verdict: .problem, what: "a signed request failed (\(error.facts)): \(said)", fix: error.remedy)
        }
    }
}

extension TidemarkError {
    /// "HTTP 500, InternalServerError, 4 attempts"
    fileprivate var facts: String {
        let answer =
            underlying.flatMap { failure in failure.status.map { ["HTTP \($0)", failure.code] } } ?? ["\(code)"]
        // Where there was no name, the code says the status again.
        let named = answer.count == 2 && answer[1] == answer[0].replacing(" ", with: "") ? [answer[0]] : answer
        return (named + ["\(attempts) attempt\(attempts == 1 ? "" : "s")"]).joined(separator: ", ")
    }

    /// What to do about a failure that is neither the credentials' nor the table's.
    fileprivate var remedy: String {
        switch (underlying?.status ?? 0, underlying?.class) {
        case (300...399, _):
            "name DynamoDB's own endpoint (AWS_ENDPOINT_URL_DYNAMODB), and see what redirects on the way to it"
        case (407, _):
            ProxyInUse.loginAdvice
        case (_, .malformedResponse?):
            "check that the endpoint is DynamoDB's, and that no proxy or login page answers in its place"
        case (500..., _):
            "wait and ask again; where it lasts, look at AWS's health page, or at what stands between"
        case (_, .throttled?): "ask again when less is going on in this account"
        case (400..., _): "mend what the service names; its error names are in DynamoDB's documentation"
        case (_, .validation?): "mend what the sentence names; nothing was sent"
        default: "check the network of this host, and what stands between"
        }
    }

    fileprivate enum FailureKind { case notFound, accessDenied, credentials, other }

    fileprivate var failureKind: FailureKind {
        switch underlying?.class {
        case .notFound: .notFound
        case .accessDenied: .accessDenied
        case .credentials: .credentials
        default: .other
        }
    }
}
