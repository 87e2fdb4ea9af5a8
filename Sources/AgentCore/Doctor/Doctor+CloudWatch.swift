public import AWSCore

extension Doctor {
    private static let area = "CloudWatch"
    /// A signature is refused when it is five minutes off.
    /// https://docs.aws.amazon.com/general/latest/gr/signature-v4-troubleshooting.html
    private static let refusedOffset: Int64 = 300
    private static let warnedOffset: Int64 = 30

    /// Credentials, region, and whether CloudWatch can be reached: one request without a signature, and no datum.
    ///
    /// - Parameters:
    ///   - credentials: what the agent would sign with.
    ///   - transport: what the agent would send through.
    ///   - clock: the host's time, asked before and after the request.
    public func examineCloudWatch(
        credentials: any CredentialProvider, transport: any Transport, clock: @Sendable () -> Timestamp
    ) async -> [DoctorReport.Check] {
        guard configuration.publish else {
            return [.init(Self.area, .ok, "nothing is published, so nothing is asked (`publish: false`)")]
        }
        var checks = [await credentialCheck(credentials)]
        for warning in AWSProfile(environment: environment).warnings {
            checks.append(.init(Self.area, .warning, warning.cause, fix: warning.fix))
        }
        do {
            let endpoint = try AWSEndpoint.resolve(
                service: .cloudWatch, explicit: configuration.cloudWatchEndpoint, region: configuration.region,
                environment: environment)
            checks.append(.init(Self.area, .ok, "the region is \(endpoint.region), the endpoint \(endpoint.url)"))
            if endpoint.url.hasPrefix("http://"), !Self.isLoopback(endpoint.url) {
                checks.append(
                    .init(
                        Self.area, .warning,
                        "the endpoint is plain http and not on this machine: anybody on the way can read it",
                        fix: "Use https, or the region's own endpoint."))
            }
            checks.append(contentsOf: await reach(endpoint, transport, clock))
        } catch {
            checks.append(
                .init(Self.area, .problem, error.message, fix: "Set `region` in the configuration, or AWS_REGION."))
        }
        return checks
    }

    private func credentialCheck(_ provider: any CredentialProvider) async -> DoctorReport.Check {
        do {
            let found = try await provider.credentials(now: now)
            let source = try (provider as? CredentialChain)?.origin().description ?? "the program"
            let isLongLived = found.sessionToken == nil && found.expiration == nil
            let kind = isLongLived ? "a long-lived key" : "temporary ones"
            let end = found.expiration.map { ", until \($0.iso8601)" } ?? ""
            return .init(Self.area, .ok, "credentials come from \(source): \(kind)\(end)")
        } catch {
            return .init(
                Self.area, .problem, error.message,
                fix: "Until there are credentials everything is kept, for 14 days at most.")
        }
    }

    private func reach(
        _ endpoint: AWSEndpoint, _ transport: any Transport, _ clock: @Sendable () -> Timestamp
    ) async -> [DoctorReport.Check] {
        let request = HTTPRequest(
            method: "GET", url: endpoint.url, headers: [], body: [],
            timeouts: Timeouts(connect: .seconds(3), firstByte: .seconds(5), attempt: .seconds(8)),
            maximumResponseBytes: 1 << 20)
        let before = clock()
        do {
            let response = try await transport.send(request)
            let phases = response.phases
            let name = phases.dns > .zero ? "name \(Self.milliseconds(phases.dns)), " : ""
            let tls = phases.tls > .zero ? ", TLS \(Self.milliseconds(phases.tls))" : ""
            var checks = [
                DoctorReport.Check(
                    Self.area, .ok,
                    "it answers: \(name)connection \(Self.milliseconds(phases.connect))\(tls), first byte "
                        + Self.milliseconds(phases.firstByte))
            ]
            if let time = response.header("date").flatMap({ Timestamp(httpDate: $0) }) {
                checks.append(clockCheck(server: time, before: before, after: clock()))
            }
            return checks
        } catch {
            return [
                .init(
                    Self.area, .problem, "it cannot be reached: \(error.message)",
                    fix:
                        "Check \(Self.phase(error.phases)) of this host: the agent needs outgoing https to the endpoint, or a "
                        + "VPC endpoint for monitoring.")
            ]
        }
    }

    /// How far the attempt came.
    private static func phase(_ phases: AttemptPhases) -> String {
        if phases.tls > .zero { return "TLS (certificates, proxies)" }
        if phases.connect > .zero { return "routes, security groups and firewalls" }
        return "name lookup and network"
    }

    private func clockCheck(server: Timestamp, before: Timestamp, after: Timestamp) -> DoctorReport.Check {
        // The header has whole seconds: the offset is known to a second and the request's length.
        let middle = (before.nanosecondsSince1970 + after.nanosecondsSince1970) / 2
        let offset = (middle - server.nanosecondsSince1970 - 500_000_000) / 1_000_000_000
        let text = "this host's clock is \(offset.magnitude) s \(offset < 0 ? "behind" : "ahead of") CloudWatch's"
        if offset.magnitude >= UInt64(Self.refusedOffset) {
            return .init(
                Self.area, .problem, text + ": signatures are refused until the agent has corrected for it",
                fix: "Start a time service (chrony, systemd-timesyncd).")
        }
        if offset.magnitude >= UInt64(Self.warnedOffset) {
            return .init(Self.area, .warning, text, fix: "Start a time service (chrony, systemd-timesyncd).")
        }
        return .init(Self.area, .ok, offset == 0 ? "this host's clock agrees with CloudWatch's to a second" : text)
    }

    private static func milliseconds(_ duration: Duration) -> String {
        Figures.short(Double(duration.nanosecondsCount) / 1e6) + " ms"
    }

    private static func isLoopback(_ url: String) -> Bool {
        let host = url.dropFirst("http://".count)
        return ["127.", "localhost", "[::1]"].contains { host.hasPrefix($0) }
    }
}
