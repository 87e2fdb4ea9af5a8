import AgentCore
import JSONBytes
import LoopbackAWS
import Monitoring
import TestSupport
import Testing

/// The policy that we hand out against the calls that the agent really makes.
@Suite struct AgentPermissionTests {
    @Test func theAgentMakesExactlyTheCallsThatItsPolicyAllows() async throws {
        let fixture = try FaultFixture()
        try fixture.start()
        let service = fixture.service()
        // A life with everything in it: faults, refusals, a restart, an expired key, a shutdown.
        for fault in [nil, CloudWatchFault.throttling, .resetAfterCounting, .expiredToken, .unavailable, nil] {
            fixture.server.failAll(with: fault)
            fixture.call(service, times: 3)
            await fixture.pass()
        }
        try fixture.start()
        fixture.server.refuse { $0.name == "Calls" }
        fixture.call(service, times: 3)
        await fixture.pass(2)
        await fixture.agent.shutdown()
        let observations = fixture.server.observations
        #expect(Set(observations.map { "cloudwatch:\($0.action)" }) == IAMPolicy.agent.actions)
        let file = try JSONValue.parse(Array(IAMPolicy.agent.json().utf8))
        let namespace = file["Statement"]?[0]?["Condition"]?["StringEquals"]?["cloudwatch:namespace"]?.stringValue
        #expect(Set(observations.compactMap(\.namespace)) == [try #require(namespace)])
    }
}
