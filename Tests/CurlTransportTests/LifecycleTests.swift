import AWSCore
import CurlTransport
import TestSupport
import Testing

@Suite struct LifecycleTests {
    @Test func cancellingEndsTheTransferAndItsConnection() async throws {
        for course in [LoopbackAnswer.Course.never, .hangInsideBody(bytes: 1)] {
            let server = try LoopbackServer(answers: [.failing(course)])
            let transport = try makeTransport()
            let sending = Task { await failure(transport, request(server)) }
            try await server.waitForRequests(1)
            sending.cancel()
            let error = await sending.value
            #expect(error.code == .cancelled)
            #expect(error.sent == .all)
            try await server.waitForAbandoned(1)
        }
    }

    @Test func cancellingInTheQueueFreesThePlaceAndSendsNothing() async throws {
        let server = try LoopbackServer(answers: [.failing(.never)])
        let transport = try makeTransport(connections: 1, queue: 1)
        let blocking = Task { await failure(transport, request(server)) }
        try await server.waitForRequests(1)
        for _ in 0..<20 {
            let queued = Task { await failure(transport, request(server)) }
            queued.cancel()
            let error = await queued.value
            #expect(error.code == .cancelled)
            #expect(error.sent == .nothing)
        }
        blocking.cancel()
        _ = await blocking.value
        #expect(server.requests.count == 1)
    }

    @Test func aTaskThatIsAlreadyCancelledSendsNothing() async throws {
        let server = try LoopbackServer(answers: [.ok()])
        let transport = try makeTransport()
        let error = await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return await failure(transport, request(server))
        }.value
        #expect(error.code == .cancelled)
        #expect(server.requests.isEmpty)
    }

    @Test func requestsAboveTheQueueAreRefused() async throws {
        let server = try LoopbackServer(answers: [.failing(.never)])
        let transport = try makeTransport(connections: 1, queue: 2)
        await withTaskGroup(of: TransportError.self) { group in
            for _ in 0..<10 { group.addTask { await failure(transport, request(server)) } }
            // Three find a place and stay, since nothing is ever answered; the other seven are refused.
            for _ in 0..<7 {
                let refused = await group.next()
                #expect(refused?.code == .queueFull)
                #expect(refused?.sent == .nothing)
            }
            group.cancelAll()
            for await kept in group { #expect(kept.code == .cancelled) }
        }
    }

    @Test func placesAreGivenBackAfterEveryOutcome() async throws {
        let server = try LoopbackServer(answers: [.ok(), .failing(.closeBeforeAnswer), .failing(.never), .ok()])
        let transport = try makeTransport(connections: 1, queue: 0)
        _ = try await transport.send(request(server))
        _ = await failure(transport, request(server))
        var limits = patient
        limits.firstByte = .milliseconds(20)
        _ = await failure(transport, request(server, timeouts: limits))
        for _ in 0..<50 { #expect(try await transport.send(request(server)).status == 200) }
    }

    @Test func shutdownEndsWhatIsPendingAndRefusesWhatComes() async throws {
        let server = try LoopbackServer(answers: [.failing(.never)])
        let transport = try makeTransport(connections: 2)
        let sends = (0..<6).map { _ in Task { await failure(transport, request(server)) } }
        try await server.waitForRequests(2)
        transport.shutdown()
        for send in sends { #expect(await send.value.code == .shutDown) }
        transport.shutdown()
        #expect(await failure(transport, request(server)).code == .shutDown)
        try await server.waitForAbandoned(2)
        #expect(server.requests.count == 2)
    }

    @Test func everySendEndsWhileTheTransportIsShutDown() async throws {
        let server = try LoopbackServer(answers: [.ok()])
        for _ in 0..<20 {
            let transport = try makeTransport(connections: 2)
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<10 { group.addTask { _ = try? await transport.send(request(server)) } }
                group.addTask { transport.shutdown() }
            }
        }
    }

    @Test func aTransportThatNobodyHoldsServesItsLastCallAndGoesAway() async throws {
        let server = try LoopbackServer(answers: [.ok()])
        for _ in 0..<20 {
            let response = try await makeTransport().send(request(server))
            #expect(response.status == 200)
        }
    }

    @Test func cancellationRacingTheAnswerEndsEverySend() async throws {
        let server = try LoopbackServer(answers: [.ok()])
        let transport = try makeTransport(connections: 4)
        for round in 0..<200 {
            let sending = Task { () -> TransportError.Code? in
                do {
                    _ = try await transport.send(request(server))
                    return nil
                } catch { return (error as? TransportError)?.code }
            }
            for _ in 0..<(round % 7) { await Task.yield() }
            sending.cancel()
            let code = await sending.value
            #expect(code == nil || code == .cancelled)
        }
        #expect(try await transport.send(request(server)).status == 200)
    }
}
