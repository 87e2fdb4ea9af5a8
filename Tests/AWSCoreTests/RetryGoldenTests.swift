import AWSCore
import JSONBytes
import TestSupport
import Testing

/// What botocore's own retry code decided, given the same random numbers and times: `scripts/golden-retries` made the file.
private enum Golden {
    static let document: JSONValue? = (try? PackageFile.bytes("Tests/AWSCoreTests/Fixtures/retries.json")).flatMap {
        try? JSONValue.parse($0)
    }

    static func entries(_ name: String) throws -> [JSONValue] {
        try #require(document?[name]?.arrayValue)
    }

    static func policy(_ entry: JSONValue, service: AWSService) -> RetryPolicy {
        var policy = RetryPolicy(entry["rules"]?.stringValue == "2026" ? .of2026 : .before2026, for: service)
        if let attempts = entry["attempts"]?.intValue { policy.maximumAttempts = attempts }
        return policy
    }
}

/// A step of a call: what the attempt meets, and what botocore made of it.
private struct Step: Sendable {
    var outcome: JSONValue
    var random: Double
    /// Seconds; nil where botocore does not try again.
    var delay: Double?
    var quota: Int

    init(_ json: JSONValue) throws {
        outcome = try #require(json["outcome"])
        random = try #require(json["random"]?.doubleValue)
        delay = json["delay"]?.doubleValue
        quota = try #require(json["quota"]?.intValue)
    }

    func answer() throws(TransportError) -> HTTPResponse {
        if let name = outcome["exception"]?.stringValue {
            let codes: [String: TransportError.Code] = [
                "connectTimeout": .timeout(.connect), "readTimeout": .timeout(.firstByte), "connect": .connect,
                "closed": .connectionReset, "tls": .tls, "other": .other,
            ]
            throw TransportError(code: codes[name] ?? .cancelled, message: name)
        }
        var headers: [HTTPHeader] = []
        if let hint = outcome["retryAfter"]?.stringValue {
            headers.append(HTTPHeader(name: "x-amz-retry-after", value: hint))
        }
        if outcome["wrongChecksum"] != nil { headers.append(HTTPHeader(name: "x-amz-crc32", value: "1")) }
        let body = outcome["code"]?.stringValue.map { #"{"__type":"x#\#($0)","message":"m"}"# } ?? "{}"
        return HTTPResponse(status: outcome["status"]?.intValue ?? 0, headers: headers, body: Array(body.utf8))
    }
}

/// A transport that gives one call's outcomes.
private final class StoryTransport: Transport {
    private let steps: [Step]
    private let next = Lock(0)

    init(_ steps: [Step]) { self.steps = steps }

    var sent: Int { next.withLock { $0 } }

    func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
        let number = next.withLock { next in
            next += 1
            return next - 1
        }
        guard number < steps.count else { throw TransportError(code: .cancelled, message: "one attempt too many") }
        return try steps[number].answer()
    }
}

struct RetryGoldenTests {
    /// The names that status 429 without a known name is a throttle to us, and an error like any other to botocore.
    private static func isOurOwn(_ step: Step) -> Bool {
        step.outcome["status"]?.intValue == 429 && step.outcome["code"]?.stringValue == "SomethingNew"
    }

    @Test func callsPauseCostAndEndAsBotocoresDo() async throws {
        var compared = 0
        for sequence in try Golden.entries("sequences") {
            let service = sequence["service"]?.stringValue == "dynamodb" ? AWSService.dynamoDB : .cloudWatch
            let policy = Golden.policy(sequence, service: service)
            let quota = RetryQuota()
            for call in sequence["calls"]?.arrayValue ?? [] {
                let steps = try (call["steps"]?.arrayValue ?? []).map { try Step($0) }
                let seen = try await replay(steps, policy: policy, quota: quota)
                #expect(seen.sent == steps.count)
                #expect(seen.pauses.count == steps.filter { $0.delay != nil }.count)
                for (pause, step) in zip(seen.pauses, steps) {
                    #expect(abs(pause.delay / .seconds(1) - (step.delay ?? -1)) < 1e-9)
                    #expect(pause.quota == step.quota)
                }
                #expect(quota.available == call["quota"]?.intValue)
                compared += steps.count
            }
        }
        #expect(compared > 800)
    }

    private struct Replay {
        var sent: Int
        var pauses: [(delay: Duration, quota: Int)]
    }

    private func replay(_ steps: [Step], policy: RetryPolicy, quota: RetryQuota) async throws -> Replay {
        let transport = StoryTransport(steps)
        let (clock, pauses, drawn) = (ManualClock(), Lock<[(delay: Duration, quota: Int)]>([]), Lock(0))
        let hooks = CallHooks(
            now: { clock.timestamp }, uptimeNanoseconds: { clock.nanoseconds },
            sleep: { pause in
                pauses.withLock { $0.append((pause, quota.available)) }
                clock.advance(by: pause)
            },
            random: {
                drawn.withLock { drawn in
                    drawn += 1
                    return steps[min(drawn, steps.count) - 1].random
                }
            })
        let caller = AWSCaller(
            transport: transport, signer: SigV4Signer(service: "dynamodb", region: "eu-west-1"),
            credentials: StaticCredentials(Credentials(accessKeyID: "A", secretAccessKey: "S")),
            endpoint: AWSEndpoint(url: "http://127.0.0.1:8000/", region: "eu-west-1"), retry: policy, hooks: hooks,
            quota: quota)
        _ = try? await caller.call(target: "X", body: [], callTimeout: .seconds(3_600))
        // A pause of nothing is not slept.
        var seen = pauses.withLock { $0 }
        for (place, step) in steps.enumerated() where step.delay == 0 && seen.count >= place {
            seen.insert((.zero, step.quota), at: place)
        }
        return Replay(sent: transport.sent, pauses: seen)
    }

    @Test func everyNameWithEveryStatusIsTriedAgainOrNotAsBotocoreDoes() throws {
        let entries = try Golden.entries("decisions")
        #expect(entries.count > 300)
        for entry in entries {
            let step = try Step(entry)
            var policy = Golden.policy(entry, service: .dynamoDB)
            policy.maximumAttempts = 2
            let failure = AWSFailure(refusal: try step.answer())
            let delay = policy.delay(afterAttempt: 1, failure: failure, random: step.random)
            guard !Self.isOurOwn(step) else {
                #expect(step.delay == nil && delay != nil)
                continue
            }
            #expect((delay == nil) == (step.delay == nil), "\(failure)")
            if let delay, let wanted = step.delay {
                #expect(abs(delay / .seconds(1) - wanted) < 1e-9)
                #expect(RetryQuota.capacity - policy.cost(after: failure) == step.quota)
            }
        }
    }

    /// Callers one after the other: each waits, sends and is answered at the times that botocore was given.
    @Test func theAdaptiveRateIsBotocores() throws {
        var waits = 0
        for run in try Golden.entries("adaptive") {
            var rate = SendRate(now: try #require(run["start"]?.doubleValue))
            for step in run["steps"]?.arrayValue ?? [] {
                let began = try #require(step["began"]?.doubleValue)
                var now = began
                if let ticket = rate.ticket(now: now) {
                    while let wait = rate.wait(for: ticket, now: now) { now = max(now + wait, now.nextUp) }
                }
                if now > began { waits += 1 }
                #expect(abs(now - began - (step["waited"]?.doubleValue ?? -1)) < 1e-6)
                rate.received(
                    throttled: step["throttled"] == .bool(true), now: try #require(step["answered"]?.doubleValue))
                #expect(Self.isClose(rate.measuredRate, step["measured"]?.doubleValue))
                #expect(Self.isClose(rate.fillRate, step["rate"]?.doubleValue))
                #expect(Self.isClose(rate.capacity, step["capacity"]?.doubleValue))
            }
        }
        #expect(waits > 100)
    }

    private static func isClose(_ value: Double, _ wanted: Double?) -> Bool {
        guard let wanted else { return false }
        return abs(value - wanted) <= 1e-6 * max(1, abs(wanted))
    }

    @Test func theFileNamesTheVersionItWasMadeWith() throws {
        let requirements = String(decoding: try PackageFile.bytes("scripts/requirements.txt"), as: UTF8.self)
        let version = try #require(Golden.document?["botocore"]?.stringValue)
        #expect(requirements.contains("\nbotocore==\(version)\n"))
    }
}

struct RetrySettingsTests {
    private static func resolve(
        _ environment: [String: String], profile: [String: String] = [:], mode: RetryMode? = nil, attempts: Int? = nil
    ) throws(AWSConfigurationError) -> RetryPolicy {
        try RetryPolicy.resolve(
            for: .dynamoDB, mode: mode, maximumAttempts: attempts, environment: environment, profile: profile)
    }

    @Test func codeGoesBeforeEnvironmentBeforeProfile() throws {
        let profile = ["retry_mode": "adaptive", "max_attempts": "7"]
        let environment = ["AWS_RETRY_MODE": "Standard", "AWS_MAX_ATTEMPTS": "6"]
        #expect(try Self.resolve([:]) == .dynamoDB)
        var seen = try Self.resolve([:], profile: profile)
        #expect(seen.mode == .adaptive && seen.maximumAttempts == 7)
        seen = try Self.resolve(environment, profile: profile)
        #expect(seen.mode == .standard && seen.maximumAttempts == 6)
        seen = try Self.resolve(environment, profile: profile, mode: .adaptive, attempts: 5)
        #expect(seen.mode == .adaptive && seen.maximumAttempts == 5)
    }

    @Test func theRulesBefore2026AreChosenAsForBotocore() throws {
        let seen = try Self.resolve(["AWS_NEW_RETRIES_2026": "false", "AWS_RETRY_MODE": "legacy"])
        #expect(seen == RetryPolicy(.before2026, for: .dynamoDB))
        #expect(seen.maximumAttempts == 3 && seen.transientBase == .seconds(1) && !seen.heedsHint)
        #expect(try Self.resolve(["AWS_NEW_RETRIES_2026": "True"]) == .dynamoDB)
    }

    @Test(arguments: [
        (["AWS_RETRY_MODE": "fast"], [:], "AWS_RETRY_MODE is 'fast': set it to standard or adaptive"),
        ([:], ["retry_mode": "x"], "retry_mode of the profile is 'x': set it to standard or adaptive"),
        (["AWS_MAX_ATTEMPTS": "0"], [:], "AWS_MAX_ATTEMPTS is '0': set it to a whole number from 1 to 100"),
        (
            [:], ["max_attempts": "many"],
            "max_attempts of the profile is 'many': set it to a whole number from 1 to 100"
        ),
    ])
    func whatIsNoSuchValueIsNamed(environment: [String: String], profile: [String: String], message: String) {
        let error = #expect(throws: AWSConfigurationError.self) {
            try Self.resolve(environment, profile: profile)
        }
        #expect(error?.message == message)
    }
}

struct SendRateTests {
    /// A rate after one throttle in which nothing else happens.
    private static func throttled() -> SendRate {
        var rate = SendRate(now: 0)
        for answer in 1...40 { rate.received(throttled: false, now: Double(answer) / 20) }
        rate.received(throttled: true, now: 2)
        return rate
    }

    @Test func nobodyWaitsBeforeTheFirstThrottle() {
        var rate = SendRate(now: 0)
        rate.received(throttled: false, now: 1)
        #expect(rate.ticket(now: 1) == nil)
    }

    @Test func callersGoInTheOrderInWhichTheyCame() {
        var rate = Self.throttled()
        let tickets = (0..<40).compactMap { _ in rate.ticket(now: 2) }
        #expect(tickets.count == 40)
        let waits = tickets.map { rate.wait(for: $0, now: 2) ?? 0 }
        #expect(waits == waits.sorted())
        #expect(abs(waits[39] - waits[38] - 1 / rate.fillRate) < 1e-9)
    }

    @Test func aPlaceThatIsGivenUpIsTakenByTheNext() {
        var rate = Self.throttled()
        let tickets = (0..<30).compactMap { _ in rate.ticket(now: 2) }
        #expect(tickets.count == 30)
        func waits() -> [Double] { tickets.map { rate.wait(for: $0, now: 2) ?? 0 } }
        let before = waits()
        rate.giveBack(tickets[25])
        // Who is before it does not go sooner, who is behind it does by one place.
        #expect(zip(before, waits()).prefix(25).allSatisfy { abs($0 - $1) < 1e-9 })
        #expect(zip(before, waits()).dropFirst(26).allSatisfy { abs($0 - $1 - 1 / rate.fillRate) < 1e-9 })
        // The last one's place is the next caller's.
        rate.giveBack(tickets[29])
        let next = rate.ticket(now: 2)
        #expect(abs((next.flatMap { rate.wait(for: $0, now: 2) } ?? 0) - before[28]) < 1e-9)
    }

    /// A line whose callers all leave from its end on, as those do whose turn would come too late.
    @Test func whoLeavesFromTheEndMovesNobodyUp() {
        var rate = Self.throttled()
        let tickets = (0..<200).compactMap { _ in rate.ticket(now: 2) }
        let before = (0..<20).map { rate.wait(for: tickets[$0], now: 2) ?? 0 }
        for ticket in tickets[20...] { rate.giveBack(ticket) }
        for (ticket, wait) in zip(tickets, before) {
            #expect(abs((rate.wait(for: ticket, now: 2) ?? 0) - wait) < 1e-9)
        }
    }

    /// Against a line that is kept as a list: whoever comes, goes and leaves, in whatever order.
    @Test func theLineIsThatOfAListOfCallers() {
        for seed in UInt64(1)...20 {
            var generator = SeededGenerator(seed: seed)
            var rate = Self.throttled()
            var line: [SendRate.Ticket] = []
            while let ticket = rate.ticket(now: 2) {
                line.append(ticket)
                guard line.count < 60 else { break }
            }
            line.removeAll { rate.wait(for: $0, now: 2) == nil }
            let first = line.first.flatMap { rate.wait(for: $0, now: 2) } ?? 0
            for _ in 0..<200 {
                if Bool.random(using: &generator) {
                    if let ticket = rate.ticket(now: 2) { line.append(ticket) }
                } else if line.count > 1 {
                    rate.giveBack(line.remove(at: Int.random(in: 1..<line.count, using: &generator)))
                }
                let isInOrder = line.enumerated().allSatisfy { place, ticket in
                    abs((rate.wait(for: ticket, now: 2) ?? 0) - first - Double(place) / rate.fillRate) < 1e-9
                }
                guard isInOrder else {
                    Issue.record("seed \(seed)")
                    return
                }
            }
        }
    }

    /// The whole client: throttled a few times it slows down, and every call still ends.
    @Test func aThrottledClientSendsNoMoreThanItsRate() async throws {
        let clock = ManualClock()
        let sent = Lock<[Double]>([])
        let hooks = CallHooks(
            now: { clock.timestamp }, uptimeNanoseconds: { clock.nanoseconds }, sleep: { clock.advance(by: $0) },
            random: { 0 })
        struct Limited: Transport {
            let clock: ManualClock
            let sent: Lock<[Double]>
            func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
                let now = clock.now.offset / .seconds(1)
                clock.advance(by: .milliseconds(2))
                let recent = sent.withLock { sent in
                    sent.append(now)
                    return sent.filter { $0 > now - 1 }.count
                }
                guard recent > 50 else { return HTTPResponse(status: 200) }
                return HTTPResponse(status: 400, body: Array(#"{"__type":"x#ThrottlingException"}"#.utf8))
            }
        }
        var policy = RetryPolicy.dynamoDB
        policy.mode = .adaptive
        policy.maximumAttempts = 1
        let caller = AWSCaller(
            transport: Limited(clock: clock, sent: sent), signer: SigV4Signer(service: "dynamodb", region: "r"),
            credentials: StaticCredentials(Credentials(accessKeyID: "A", secretAccessKey: "S")),
            endpoint: AWSEndpoint(url: "http://127.0.0.1:8000/", region: "r"), retry: policy, hooks: hooks)
        var refused = 0
        for _ in 0..<2_000 {
            do { _ = try await caller.call(target: "X", body: [], callTimeout: .seconds(60)) } catch { refused += 1 }
        }
        // Without the rate, 500 calls a second would meet a limit of 50.
        #expect(refused < 200)
        #expect(sent.withLock { $0.count } == 2_000)
    }
}
