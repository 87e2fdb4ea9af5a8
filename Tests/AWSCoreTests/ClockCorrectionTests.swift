import TestSupport
import Testing

@testable import AWSCore

/// A correction of the clock that turns out wrong must not keep the client from being corrected again.
struct ClockCorrectionTests {
    /// A machine whose wall clock somebody sets, a service that refuses signatures which are off by more than five minutes
    /// from its own clock, and a source of keys that are good for an hour by the service's clock.
    private final class Stage: Transport {
        let time = ManualClock()
        /// How far the machine's wall clock is ahead of the service's.
        let ahead = Lock(Duration.zero)
        /// What the service says of the time, where it is not its own.
        let wrongDate = Lock<Duration>(.zero)
        let sent = Lock(0)
        let fetches = Lock(0)
        let hasKeys = Lock(true)

        var now: Timestamp { time.timestamp }

        func send(_ request: HTTPRequest) async throws(TransportError) -> HTTPResponse {
            sent.withLock { $0 += 1 }
            let signed =
                request.header("X-Amz-Date").flatMap { Timestamp(expiry: $0) } ?? Timestamp(secondsSince1970: 0)
            let wrong = wrongDate.withLock { wrong in
                defer { wrong = .zero }
                return wrong
            }
            let off = signed.duration(to: now)
            guard wrong != .zero || off > .seconds(300) || off < .seconds(-300) else {
                return HTTPResponse(status: 200)
            }
            return HTTPResponse(
                status: 400, headers: [HTTPHeader(name: "Date", value: httpDate(now.advanced(by: wrong)))],
                body: Array(#"{"__type":"x#InvalidSignatureException","message":"Signature expired"}"#.utf8))
        }

        private func httpDate(_ time: Timestamp) -> String {
            // All within one day, 2026-11-23 from noon on.
            let seconds = time.seconds - 1_795_435_200 + 12 * 3_600
            func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
            return "Mon, 23 Nov 2026 \(two(seconds / 3_600)):\(two(seconds / 60 % 60)):\(two(seconds % 60)) GMT"
        }

        func makeCaller(renews: Bool) -> AWSCaller {
            let keys = Credentials(
                accessKeyID: "A", secretAccessKey: "S", sessionToken: "T", expiration: now.advanced(by: .seconds(3_600))
            )
            let source = RefreshingCredentials { [self] _ throws(AWSConfigurationError) in
                fetches.withLock { $0 += 1 }
                guard hasKeys.withLock({ $0 }) else { throw AWSConfigurationError(message: "there are none") }
                var fresh = keys
                if renews { fresh.expiration = now.advanced(by: .seconds(3_600)) }
                return FetchedCredentials(fresh)
            }
            let hooks = CallHooks(
                now: { [self] in now.advanced(by: ahead.withLock { $0 }) },
                uptimeNanoseconds: { [self] in time.nanoseconds }, sleep: { [self] in time.advance(by: $0) },
                random: { 0.5 })
            return AWSCaller(
                transport: self, signer: SigV4Signer(service: "dynamodb", region: "r"),
                credentials: renews ? source : StaticCredentials(keys) as any CredentialProvider,
                endpoint: AWSEndpoint(url: "http://127.0.0.1:8000/", region: "r"), retry: .never, hooks: hooks)
        }

        /// How one call ended: nil for well, else the error's code; and how often it was sent.
        func call(_ caller: AWSCaller) async -> (code: String?, sent: Int) {
            let before = sent.withLock { $0 }
            do throws(AWSFailure) {
                _ = try await caller.call(target: "X", body: [])
                return (nil, sent.withLock { $0 } - before)
            } catch {
                return (error.code, sent.withLock { $0 } - before)
            }
        }
    }

    /// Two hours behind, which the client learns; then a time service sets it right.
    @Test(arguments: [true, false])
    func aMachinesClockThatIsSetRightDoesNotStopTheClient(renews: Bool) async {
        let stage = Stage()
        stage.ahead.withLock { $0 = .seconds(-7_200) }
        let caller = stage.makeCaller(renews: renews)
        #expect(await stage.call(caller) == (nil, 2))
        #expect(await stage.call(caller) == (nil, 1))
        stage.ahead.withLock { $0 = .zero }
        for _ in 0..<3 { #expect(await stage.call(caller) == (nil, 1)) }
        #expect(caller.clockCorrection == .zero)
    }

    @Test(arguments: [true, false])
    func oneAnswerWithAWrongTimeDoesNotStopTheClient(renews: Bool) async {
        let stage = Stage()
        let caller = stage.makeCaller(renews: renews)
        #expect(await stage.call(caller) == (nil, 1))
        stage.wrongDate.withLock { $0 = .seconds(7_200) }
        #expect(await stage.call(caller) == (nil, 2))
        for _ in 0..<3 { #expect(await stage.call(caller) == (nil, 1)) }
        #expect(caller.clockCorrection == .zero)
    }

    /// However many calls meet it at once.
    @Test func callsBesideEachOtherAllGoOn() async {
        let stage = Stage()
        stage.ahead.withLock { $0 = .seconds(-7_200) }
        let caller = stage.makeCaller(renews: false)
        #expect(await stage.call(caller) == (nil, 2))
        stage.ahead.withLock { $0 = .zero }
        let ends = await withTaskGroup(of: String?.self) { group in
            for _ in 0..<50 { group.addTask { await stage.call(caller).code } }
            var ends: [String?] = []
            for await end in group { ends.append(end) }
            return ends
        }
        #expect(ends.allSatisfy { $0 == nil })
    }

    /// The correction is right and the keys have really expired: no call sends a request each time only to learn that anew.
    @Test func keysThatHaveExpiredAreDoubtedOnceInAWhile() async {
        let stage = Stage()
        stage.ahead.withLock { $0 = .seconds(-7_200) }
        let caller = stage.makeCaller(renews: false)
        #expect(await stage.call(caller) == (nil, 2))
        stage.time.advance(by: .seconds(3_700))
        // By the machine's clock they are good: the service refuses that, and shows the same correction.
        #expect(await stage.call(caller) == ("NoCredentials", 1))
        for _ in 0..<20 { #expect(await stage.call(caller) == ("NoCredentials", 0)) }
        #expect(caller.clockCorrection == .seconds(7_200))
        stage.time.advance(by: .seconds(30))
        #expect(await stage.call(caller) == ("NoCredentials", 1))
        #expect(await stage.call(caller) == ("NoCredentials", 0))
    }

    /// A source that fails is not asked more often for it.
    @Test func aSourceThatFailsIsNotAskedTwiceACall() async {
        let stage = Stage()
        stage.ahead.withLock { $0 = .seconds(-7_200) }
        let caller = stage.makeCaller(renews: true)
        #expect(await stage.call(caller) == (nil, 2))
        stage.hasKeys.withLock { $0 = false }
        stage.time.advance(by: .seconds(12_000))
        for _ in 0..<20 { #expect(await stage.call(caller) == ("NoCredentials", 0)) }
        #expect(stage.fetches.withLock { $0 } <= 4)
        stage.hasKeys.withLock { $0 = true }
        stage.time.advance(by: .seconds(60))
        #expect(await stage.call(caller).code == nil)
    }

    @Test func aCorrectionIsForgottenOnceInHalfAMinute() {
        let offset = ClockOffset()
        #expect(!offset.doubt(.zero, at: 0))
        offset.set(.seconds(7_200))
        #expect(offset.doubt(.seconds(7_200), at: 5) && offset.current == .zero)
        // Somebody else's: it is another already.
        #expect(offset.doubt(.seconds(7_200), at: 6))
        offset.set(.seconds(7_200))
        #expect(!offset.doubt(.seconds(7_200), at: 30_000_000_004))
        #expect(offset.doubt(.seconds(7_200), at: 30_000_000_005))
    }
}
