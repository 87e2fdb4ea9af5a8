import AgentCore
import Testing

/// When a step of the wall clock is believed.
@Suite struct TimeReckoningTests {
    private let second: Int64 = 1_000_000_000
    private let start: Int64 = 1_795_435_200_000_000_000

    private func reckoning() -> TimeReckoning { TimeReckoning(anchor: start) }

    @Test func aClockThatIsSlewedIsFollowed() {
        var time = reckoning()
        for tick in 1...100 {
            let uptime = Int64(tick) * second
            #expect(time.observe(wall: start + uptime + Int64(tick) * second / 2, uptime: uptime) == .init())
        }
        #expect(time.time(at: 100 * second) == start + 150 * second)
    }

    @Test func aStepIsToldOnceAndBelievedOnlyWhenItHasHeld() {
        var time = reckoning()
        let ahead = 7_200 * second
        #expect(time.observe(wall: start + ahead, uptime: 0) == .init(stepped: ahead))
        #expect(time.observe(wall: start + ahead + 599 * second, uptime: 599 * second) == .init())
        #expect(time.time(at: 599 * second) == start + 599 * second)
        #expect(time.observe(wall: start + ahead + 600 * second, uptime: 600 * second) == .init(moved: ahead))
        #expect(time.time(at: 600 * second) == start + ahead + 600 * second)
        // Nothing has grown old by it yet, since nobody has confirmed it.
        #expect(time.age(at: 700 * second) == start + 700 * second)
        #expect(!time.isCertain)
        _ = time.observe(wall: start + ahead + 4_200 * second, uptime: 4_200 * second)
        #expect(time.isCertain && time.age(at: 4_200 * second) == start + ahead + 4_200 * second)
    }

    @Test func aStepThatCloudWatchContradictsIsNeverBelieved() {
        var time = reckoning()
        let ahead = 400 * 86_400 * second
        _ = time.observe(wall: start + ahead, uptime: 0)
        #expect(time.hear(ahead: -ahead, wall: start + ahead, uptime: 0) == .init())
        for hour in 1...48 {
            let uptime = Int64(hour) * 3_600 * second
            #expect(time.observe(wall: start + ahead + uptime, uptime: uptime) == .init())
        }
        #expect(time.observe(wall: start + 200_000 * second, uptime: 200_000 * second) == .init())
        #expect(time.step == nil)
    }

    @Test func aStepThatCloudWatchConfirmsIsBelievedAtOnce() {
        var time = reckoning()
        _ = time.observe(wall: start - 10_800 * second, uptime: 0)
        let verdict = time.hear(ahead: second / 2, wall: start - 10_800 * second, uptime: 0)
        #expect(verdict == .init(moved: -10_800 * second))
        #expect(time.step == nil && time.time(at: 0) == start - 10_800 * second)
    }

    /// The host was a few seconds off, which is no reason to correct anything, and has been set right.
    @Test(arguments: [3, 20, 29, -3, -20, -29] as [Int64])
    func aSmallStepThatCloudWatchConfirmsIsBelievedToo(seconds: Int64) {
        var time = reckoning()
        let size = seconds * second
        _ = time.observe(wall: start + size, uptime: 0)
        #expect(time.hear(ahead: second / 2, wall: start + size, uptime: 0) == .init(moved: size))
        #expect(time.step == nil && time.time(at: 0) == start + size)
        #expect(time.observe(wall: start + size + second, uptime: second) == .init())
    }

    @Test(arguments: [3, 20, -3, -20] as [Int64])
    func aSmallStepThatCloudWatchContradictsIsNot(seconds: Int64) {
        var time = reckoning()
        let size = seconds * second
        _ = time.observe(wall: start + size, uptime: 0)
        #expect(time.hear(ahead: -size, wall: start + size, uptime: 0) == .init())
        #expect(time.step?.isRefuted == true && time.time(at: 0) == start)
    }

    @Test func aTimeBeforeAnyHostsIsGivenUpAtOnce() {
        var time = TimeReckoning(anchor: 8_760 * second)
        let verdict = time.observe(wall: start, uptime: second)
        #expect(verdict.moved == start - 8_761 * second)
        #expect(time.time(at: second) == start)
        #expect(time.age(at: second) < start)
    }

    @Test func aClockSetBackMakesNothingOlder() {
        var time = reckoning()
        _ = time.observe(wall: start - 86_400 * second, uptime: 0)
        #expect(time.age(at: 0) == start - 86_400 * second)
    }
}
