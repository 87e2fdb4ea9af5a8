/// What sources of credentials act with. Tests give their own.
public struct CredentialTools: Sendable {
    /// Where a request goes, which decides about proxies.
    public enum Reach: Sendable {
        /// The host or container itself: no proxy may stand between, since the answer is a secret.
        case host
        /// A service of AWS: through the environment's proxy, where there is one.
        case service
        /// A service of AWS, past any proxy: the configuration says so.
        case serviceWithoutProxy
    }

    /// Makes what carries requests; asked for each fetch that needs one, which is seldom, and dropped after it.
    public var makeTransport: @Sendable (Reach) throws(TransportError) -> any Transport
    /// Sleep and chance. Time comes with each question.
    public var hooks: CallHooks
    /// Whether `credential_process` of a profile may be started. Default true.
    public var allowsProcess: Bool
    /// Whether services of AWS are reached through the environment's proxy, where there is one. Default true.
    public var usesProxy = true
    /// What may not be used.
    package var rules: CredentialRules?
    /// Where values of the environment really stand that somebody has put there, by the variables' names.
    package var places: [String: String] = [:]

    /// Tools that make their transports so.
    public init(
        hooks: CallHooks = .live, allowsProcess: Bool = true,
        makeTransport: @escaping @Sendable (Reach) throws(TransportError) -> any Transport
    ) {
        self.makeTransport = makeTransport
        self.hooks = hooks
        self.allowsProcess = allowsProcess
    }
}

/// The requests of one fetch: each made a few times where that may help, each with its own limits.
struct CredentialExchange: Sendable {
    /// What a party may take, and how often it is asked.
    struct Patience: Sendable {
        var timeouts: Timeouts
        var attempts: Int

        /// Of a service of AWS: three attempts stay within the ten seconds that a call has by default.
        static let service = Patience(
            timeouts: Timeouts(connect: .seconds(1), firstByte: .milliseconds(2_500), attempt: .seconds(3)), attempts: 3
        )
        /// Of a container's agent.
        static let container = Patience(
            timeouts: Timeouts(connect: .seconds(1), firstByte: .seconds(2), attempt: .seconds(2)), attempts: 3)
    }

    /// Credentials and their errors are some kilobytes.
    static let maximumResponseBytes = 1 << 20
    /// Before the second attempt at most; twice that before the third.
    static let basePause: Duration = .milliseconds(200)

    /// Who is asked, for a sentence: "STS at https://…".
    let party: String
    let transport: any Transport
    let hooks: CallHooks
    let patience: Patience
    /// Whether somebody has said that it is there: one that nobody has may be unreachable for ever.
    var isNamed = true

    init(
        _ party: String, tools: CredentialTools, reach: CredentialTools.Reach, patience: Patience
    ) throws(AWSConfigurationError) {
        do {
            transport = try tools.makeTransport(
                reach == .service && !tools.usesProxy ? .serviceWithoutProxy : reach)
        } catch {
            throw AWSConfigurationError(
                cause: "nothing can be sent to \(party)", fix: error.message)
        }
        self.party = party
        self.patience = patience
        hooks = tools.hooks
    }

    /// Sends what `make` makes until an answer comes that is no passing trouble of the other side; any other answer is
    /// the caller's to read. `make` gets the time to sign, which is corrected once where the answer shows that this
    /// machine's clock is off.
    ///
    /// - Parameter others: secrets in the request's body and URL; those of its headers are known.
    func send(
        now: Timestamp, unreachable fix: String, hiding others: [String] = [], _ make: (Timestamp) -> HTTPRequest
    ) async throws(AWSConfigurationError) -> CredentialAnswer {
        var (signedAt, isCorrected) = (now, false)
        var attempt = 1
        while true {
            var request = make(signedAt)
            request.timeouts = patience.timeouts
            request.maximumResponseBytes = Self.maximumResponseBytes
            let trouble: AWSConfigurationError
            do throws(TransportError) {
                let response = try await transport.send(request)
                let refusal = ServiceRefusal(response, to: SentSecrets(request, and: others))
                if !isCorrected, let time = refusal.serverTime(ifClockIsOff: signedAt, response) {
                    (signedAt, isCorrected) = (time, true)
                    continue
                }
                guard response.status == 429 || response.status >= 500 || refusal.isThrottle else {
                    return CredentialAnswer(status: response.status, body: response.body, refusal: refusal)
                }
                trouble = AWSConfigurationError(
                    cause: "\(party) answers with status \(response.status)\(refusal.words)",
                    fix: RefusalAdvice.passing(isThrottle: response.status == 429 || refusal.isThrottle),
                    isPassing: true)
            } catch {
                if error.code == .tooLarge {
                    throw AWSConfigurationError(
                        cause: "\(party) gives no answer that can be taken (\(error.message))",
                        fix: "check that nothing else answers in its place")
                }
                let isFinal = [TransportError.Code.cancelled, .shutDown, .certificate, .invalidRequest].contains(
                    error.code)
                trouble = AWSConfigurationError(
                    cause: "\(party) cannot be reached (\(error.message))", fix: fix, isPassing: isNamed && !isFinal)
                if isFinal { throw trouble }
            }
            guard attempt < patience.attempts else { throw trouble }
            let pause = Self.basePause * (1 << (attempt - 1)) * hooks.random()
            do { try await hooks.sleep(pause) } catch { throw trouble }
            attempt += 1
        }
    }
}

/// An answer, and what it says where it refuses.
struct CredentialAnswer {
    let status: Int
    let body: [UInt8]
    let refusal: ServiceRefusal
}

/// What a refusing answer says, in whatever form: JSON, STS's XML, or nothing; never a secret of its request.
struct ServiceRefusal {
    private(set) var code: String?
    private(set) var message: String?

    init(_ response: HTTPResponse, to secrets: SentSecrets) {
        read(response)
        message = message.map(secrets.cut)
        code = code.map { secrets.cut(from: $0) == $0 ? ServiceName.error($0) : ServiceName.unreadable }
    }

    private mutating func read(_ response: HTTPResponse) {
        guard response.status >= 400 else { return }
        if let body = try? JSONFields(response.body) {
            code = body.text("__type") ?? body.text("code") ?? body.text("Code") ?? body.text("error")
            message = body.text("message") ?? body.text("Message") ?? body.text("error_description")
            code = (code ?? response.header("x-amzn-errortype")).map {
                String($0.split(separator: "#").last?.split(separator: ":").first ?? "")
            }
        } else if let root = try? XMLElement(parsing: response.body) {
            let error = root.child("Error") ?? root
            code = error.child("Code")?.text
            message = error.child("Message")?.text
        }
    }

    private static let throttles: Set<String> = [
        "Throttling", "ThrottlingException", "TooManyRequestsException", "RequestLimitExceeded", "SlowDown",
        "SlowDownException", "slow_down",
    ]

    var isThrottle: Bool { code.map(Self.throttles.contains) ?? false }

    /// The service's own time, where it refuses a signature and its clock is minutes away from what was signed.
    func serverTime(ifClockIsOff signedAt: Timestamp, _ response: HTTPResponse) -> Timestamp? {
        guard let code, ErrorTable.mayBeClockSkew(code: code),
            let time = response.header("date").flatMap({ Timestamp(httpDate: $0) })
        else { return nil }
        let offset = signedAt.duration(to: time)
        return max(offset, .zero - offset) >= AttemptLoop.skewTolerance ? time : nil
    }

    /// ", AccessDenied: it is not allowed", or nothing. One line, no longer than a sentence.
    var words: String {
        let said = (message ?? "").split(whereSeparator: \.isNewline).first.map {
            String($0.prefix(300)).withoutControls
        }
        switch (code, said) {
        case (nil, nil): return ""
        case (let code?, nil): return ", \(code)"
        case (let code, let said?): return ", \(code ?? "saying"): \(said)"
        }
    }
}
