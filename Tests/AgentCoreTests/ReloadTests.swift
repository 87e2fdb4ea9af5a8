import AWSCore
import AgentCore
import Logging
import Telemetry
import TestSupport
import Testing

@Suite struct ReloadTests {
    /// A new configuration between any two ticks costs no call, whatever is on its way.
    @Test func countsAreExactAcrossReloads() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        await agent.tick()
        for round in 0..<12 {
            service.call(times: 5)
            if round % 3 == 0 { await fixture.cloudWatch.next(.throttle) }
            var changed = fixture.configuration
            changed.resendAmbiguous = round % 2 == 0
            changed.storeBudgetInBytes = (64 + round) << 20
            try await agent.reconfigure(changed, sink: nil)
            fixture.clock.advance(by: .seconds(7))
            await agent.tick()
        }
        service.end()
        // Longer than the back-off after a throttled request.
        for _ in 0..<40 { await fixture.pass(1, agent) }
        #expect(try fixture.store().callCount() == service.made)
        #expect(await fixture.cloudWatch.sum("Calls") == service.made)
        let ledger = try fixture.store().ledger()
        #expect(ledger.isBalanced && ledger.calls.acknowledged == service.made)
    }

    /// From the reload on it is the new place that gets the data, and what waited is not lost.
    @Test func aNewCloudWatchTakesWhatTheOldOneDidNot() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        await agent.tick()
        await fixture.cloudWatch.always(.throttle)
        service.call(times: 4)
        await fixture.pass(1, agent)
        let other = FakeCloudWatch()
        try await agent.reconfigure(fixture.configuration, sink: other)
        for _ in 0..<40 { await fixture.pass(1, agent) }
        #expect(await other.sum("Calls") == 4)
        #expect(await fixture.cloudWatch.sum("Calls") == 0)
    }

    @Test func whatNeedsARestartKeepsItsValue() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        var changed = fixture.configuration
        changed.telemetryDirectory = "/elsewhere"
        changed.dataDirectory = "/elsewhere"
        changed.publishPeriod = .sixtySeconds
        changed.resendAmbiguous = false
        try await agent.reconfigure(changed, sink: nil)
        let now = await agent.effectiveConfiguration
        #expect(now.telemetryDirectory == fixture.configuration.telemetryDirectory)
        #expect(now.dataDirectory == fixture.configuration.dataDirectory)
        #expect(now.publishPeriod == .tenSeconds)
        #expect(!now.resendAmbiguous)
    }
}

@Suite struct VitalsTests {
    @Test func theWatchdogIsFedWhileTicksAndCommitsProgress() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        var feeding = WatchdogFeeding()
        var isFed = feeding.shouldFeed(await agent.vitalSigns(), ticksPerPeriod: 10)
        #expect(!isFed, "nothing has happened yet")
        for _ in 0..<30 {
            fixture.clock.advance(by: .seconds(1))
            await agent.tick()
            isFed = feeding.shouldFeed(await agent.vitalSigns(), ticksPerPeriod: 10)
            #expect(isFed)
        }
        let vitals = await agent.vitalSigns()
        #expect(vitals.commits >= 2 && vitals.committedAt != nil && vitals.isPublishing)
        isFed = feeding.shouldFeed(vitals, ticksPerPeriod: 10)
        #expect(!isFed, "no tick since the last look")
    }

    @Test func anAgentWhoseCommitsStoppedIsNotFed() {
        var feeding = WatchdogFeeding()
        var vitals = AgentVitals()
        vitals.ticks = 100
        vitals.lastCommitTick = 61
        let wasFed = feeding.shouldFeed(vitals, ticksPerPeriod: 10)
        vitals.ticks = 102
        let isFed = feeding.shouldFeed(vitals, ticksPerPeriod: 10)
        #expect(wasFed && !isFed)
    }

    /// A restart empties no disk: the status says it, and the agent goes on.
    @Test func aFullDiskIsSaidAndIsNoReasonForTheWatchdog() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        await agent.tick()
        await agent.limitStore(toPages: 1)
        for index in 0..<400 { service.call("Table\(index)") }
        await fixture.pass(5, agent)
        let vitals = await agent.vitalSigns()
        #expect(vitals.status.contains("the disk is full"), "\(vitals.status)")
        var feeding = WatchdogFeeding()
        let isFed = feeding.shouldFeed(vitals, ticksPerPeriod: 10)
        #expect(isFed)
    }

    @Test func anAgentThatStopsOnAFullDiskSaysWhereTheCallsAre() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call()
        await fixture.pass(1, agent)
        let directory = fixture.configuration.telemetryDirectory
        #expect(await agent.vitalSigns().farewell(telemetryDirectory: directory).isWhole)
        let committed = fixture.clock.timestamp
        await agent.limitStore(toPages: 1)
        for index in 0..<400 { service.call("Table\(index)") }
        fixture.clock.advance(by: .seconds(3))
        await agent.shutdown()
        let farewell = await agent.vitalSigns().farewell(telemetryDirectory: directory)
        #expect(!farewell.isWhole)
        #expect(
            farewell.text.contains(
                "what was counted since \(committed.iso8601) is in the telemetry files of \(directory)"),
            "\(farewell.text)")
        #expect(farewell.text.contains("the disk is full"))
    }

    /// /healthz asks the agent; the reports read the store, which cannot say that it takes nothing.
    @Test func aFullDiskShowsBeforeTheNextCommitIsDue() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        let service = fixture.service()
        service.call()
        await fixture.pass(1, agent)
        #expect(await agent.vitalSigns().storeTrouble == nil)
        await agent.limitStore(toPages: 1)
        for index in 0..<400 { service.call("Table\(index)") }
        await fixture.pass(1, agent)
        #expect(await agent.vitalSigns().storeTrouble?.contains("the disk is full") == true)
        func found() throws -> [String] {
            let now = fixture.clock.timestamp
            return try Summary.make(from: fixture.store(), since: now.advanced(by: .seconds(-600)), now: now)
                .findings.map(\.what).filter { $0.contains("is overdue") }
        }
        #expect(try found().isEmpty, "a commit may take its time")
        fixture.clock.advance(by: .seconds(11))
        #expect(try found() == ["A commit of the agent is overdue: one is due every 10 s."])
    }
}

@Suite struct TelemetryPlacesTests {
    @Test func anAgentThatLooksInTheWrongDirectorySaysWhereTheFilesAre() async throws {
        let fixture = try AgentFixture()
        try fixture.directory.write("x", to: "run/other/1.tidemark")
        try fixture.directory.write("x", to: "run/empty/readme.txt")
        let agent = try fixture.agent()
        var places = TelemetryPlaces()
        places.parents = [fixture.directory.path("run")]
        places.processes = nil
        await agent.lookForTelemetry(in: places)
        for _ in 0..<59 {
            await agent.tick()
            fixture.clock.advance(by: .seconds(1))
        }
        #expect(await agent.vitalSigns().troubles.isEmpty)
        fixture.clock.advance(by: .seconds(1))
        await agent.tick()
        let said = try #require(await agent.vitalSigns().troubles.first)
        #expect(
            said.hasPrefix("\(fixture.configuration.telemetryDirectory): no telemetry file for a minute, but there is ")
        )
        #expect(said.contains("\(fixture.directory.path("run/other")) (1 telemetry file)") && !said.contains("empty"))
        let summary = try Summary.make(
            from: fixture.store(), since: fixture.clock.timestamp.advanced(by: .seconds(-600)),
            now: fixture.clock.timestamp)
        #expect(summary.findings.contains { $0.severity == .warning && $0.what.contains("no telemetry file") })
        #expect(summary.agent.filesTrouble == said)
        // A service that then writes in the right place ends it.
        let service = fixture.service()
        service.call()
        fixture.clock.advance(by: .seconds(1))
        await agent.tick()
        #expect(await agent.vitalSigns().troubles.isEmpty)
        let after = try Summary.make(
            from: fixture.store(), since: fixture.clock.timestamp.advanced(by: .seconds(-600)),
            now: fixture.clock.timestamp)
        #expect(after.agent.filesTrouble.isEmpty)
    }

    /// Directories that are none of the agent's business come and go: the reports have them, the log has one line.
    @Test func placesThatComeAndGoAreNotSaidEachTime() async throws {
        let fixture = try AgentFixture()
        let agent = try fixture.agent()
        var places = TelemetryPlaces()
        places.parents = [fixture.directory.path("run")]
        places.processes = nil
        await agent.lookForTelemetry(in: places)
        var named: [Bool] = []
        for minute in 1...6 {
            if minute > 2 { try fixture.directory.write("x", to: "run/other\(minute)/1.tidemark") }
            fixture.clock.advance(by: .seconds(61))
            await agent.tick()
            named.append(await agent.vitalSigns().troubles.contains { $0.contains("other\(minute)") })
        }
        #expect(named == [false, false, true, true, true, true])
        let said = try fixture.store().notices(since: Timestamp(secondsSince1970: 0)).filter { $0.kind == "noFiles" }
        #expect(said.count == 2, "that there is none, and that there is one elsewhere: \(said)")
    }

    /// The kernel knows who writes where, whatever the directory is called.
    @Test func aWritersDirectoryIsFoundByItsMapping() throws {
        let fixture = try AgentFixture()
        let service = fixture.service()
        service.call()
        var places = TelemetryPlaces()
        places.parents = []
        let found = places.places(otherThan: "/nowhere").first { $0.path == fixture.configuration.telemetryDirectory }
        #expect(found?.files == 1 && found?.process != nil)
        #expect(
            !places.places(otherThan: fixture.configuration.telemetryDirectory).contains {
                $0.path == fixture.configuration.telemetryDirectory
            })
    }
}

@Suite struct ReloadedBudgetTests {
    /// A budget below the contract's own series would blind their alarms; the agent goes on with what it has.
    @Test func aBudgetBelowTheContractIsRefusedAndNothingChanges() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.contract = .orders
        let agent = try fixture.agent()
        let service = fixture.service()
        var changed = fixture.configuration
        changed.budgetInDollarsAMonth = 0.5
        changed.storeBudgetInBytes = 7 << 20
        let other = FakeCloudWatch()
        let error = await #expect(throws: AgentError.self) { try await agent.reconfigure(changed, sink: other) }
        #expect(error?.code == .configuration)
        #expect(error?.message == changed.budgetProblem && error?.message.contains("budget-dollars-a-month") == true)
        let now = await agent.effectiveConfiguration
        #expect(now.budgetInDollarsAMonth == nil && now.storeBudgetInBytes == fixture.configuration.storeBudgetInBytes)
        service.call(times: 3)
        await fixture.pass(1, agent)
        #expect(await fixture.cloudWatch.sum("Calls") == 3)
        #expect(await other.taken.isEmpty)
    }

    /// The period needs a restart, and decides how many requests the budget has to pay for: what counts is the period in force.
    @Test func theBudgetIsJudgedByTheValuesThatStayInForce() async throws {
        let fixture = try AgentFixture()
        fixture.configuration.contract = .orders
        let agent = try fixture.agent()
        var generous = fixture.configuration
        generous.publishPeriod = .sixtySeconds
        // The least that a period of a minute allows, which ten seconds do not.
        let least = (1...400).map { Double($0) / 4 }.first { dollars in
            generous.budgetInDollarsAMonth = dollars
            return generous.budgetProblem == nil
        }
        generous.budgetInDollarsAMonth = least
        var strict = generous
        strict.publishPeriod = .tenSeconds
        try #require(strict.budgetProblem != nil)
        await #expect(throws: AgentError.self) { try await agent.reconfigure(generous, sink: nil) }
        #expect(await agent.effectiveConfiguration.budgetInDollarsAMonth == nil)
    }
}
