import Foundation
import JSONBytes
import TestSupport
import Testing

/// What must not be found where it does not belong: credentials anywhere, keys anywhere but in the one column of the
/// store that `hotkeys --show-keys` reads.
@Suite(.enabled(if: LocalAWS.endpoint != nil, LocalAWS.reason))
struct PrivacyTests {
    private static let token = "TOKEN/\(UUID().uuidString)"

    @Test func noCredentialAndNoKeyLeavesItsPlace() async throws {
        let cloudWatch = try LoopbackServer(answers: [.ok()])
        try await Stage.play { stage in
            try await stage.prepareTables()
            let keys = try keys(of: Example.trace)
            let (agent, replay) = try await run(stage, cloudWatch: String(cloudWatch.url.dropLast()))
            let bodies = try await bodies(of: cloudWatch, stage)
            #expect(bodies.contains("FailedCalls") && bodies.contains("HotKeyLoadUpperPercent"))
            let hidden = try await stage.run(["hotkeys"]).output
            let summary = try await stage.run(["summary", "--offline"])
            let secrets = [stage.secret, Self.token]
            for (place, text) in [
                ("the agent's log", agent.errors + agent.output),
                ("the replay's output", replay.errors + replay.output),
                ("CloudWatch's data", bodies), ("hotkeys", hidden), ("summary", summary.output + summary.errors),
            ] {
                expectNone(of: secrets + keys, in: text, place)
            }
            #expect(try await stage.run(["hotkeys", "--show-keys"]).output.contains("st-021"))
            try await expectScrubbedStore(stage, needles: secrets + keys)
            for request in cloudWatch.requests {
                #expect(request.headers.allSatisfy { !$0.value.contains(stage.secret) })
            }
        }
    }

    /// A replay with every kind of fault, so that errors are worded too, and an agent that tells all it does.
    private func run(
        _ stage: Stage, cloudWatch: String
    ) async throws -> (agent: ChildProcess.End, replay: ChildProcess.End) {
        let agent = try await stage.startAgent(
            ["--log-level", "trace"],
            environment: ["AWS_ENDPOINT_URL_CLOUDWATCH": cloudWatch, "AWS_SESSION_TOKEN": Self.token])
        try stage.proxy.inject(
            """
            {"match": {"operation": "GetItem", "every": 3}, "action": {"error": {"status": 400,
             "type": "com.amazonaws.dynamodb.v20120810#ValidationException", "message": "Value 'st-021' at 'key' is bad"}}},
            {"match": {"operation": "GetItem", "every": 4}, "action": {"throttle": {"reason": "KeyRange"}}},
            {"match": {"operation": "Query", "every": 5}, "action": {"error": 500}}
            """)
        let replay = try await stage.startReplay(calls: 500).end()
        #expect(replay.status == 0 && replay.output.contains("validation"))
        try await stage.waitUntilPublished()
        let end = try await agent.stop()
        #expect(end.status == 0)
        return (end, replay)
    }

    /// The keys of the trace, as long as no other text is likely to hold them by chance.
    private func keys(of trace: String) throws -> [String] {
        var keys: Set<String> = []
        for line in try Data(contentsOf: URL(fileURLWithPath: trace)).split(separator: UInt8(ascii: "\n")) {
            let call = try JSONValue.parse(Array(line))
            let items = call["keys"]?.arrayValue ?? []
            keys.formUnion(([call] + items).compactMap { $0["key"]?.stringValue ?? $0.stringValue })
        }
        let long = keys.filter { $0.utf8.count >= 6 }.sorted()
        try #require(long.contains("st-021") && long.count > 50)
        return long
    }

    private func expectNone(of needles: [String], in text: String, _ place: String) {
        let found = needles.filter { text.contains($0) }
        #expect(found.isEmpty, "\(place)")
    }

    /// What was published, inflated.
    private func bodies(of server: LoopbackServer, _ stage: Stage) async throws -> String {
        let paths = try server.requests.enumerated().map { number, request in
            #expect(request.header("Content-Encoding") == "gzip")
            return try stage.folder.write(request.body, to: "body\(number).gz")
        }
        return try await stage.python(
            "import gzip, sys\nfor path in sys.argv[1:]: print(gzip.open(path, 'rt').read())", paths)
    }

    /// The store without that one column, byte for byte.
    private func expectScrubbedStore(_ stage: Stage, needles: [String]) async throws {
        let script = """
            import json, sqlite3, sys
            source = sqlite3.connect("file:" + sys.argv[1] + "?mode=ro", uri=True)
            copy = sqlite3.connect(sys.argv[2])
            source.backup(copy)
            rows = copy.execute("SELECT count(plain), min(length(hash)) FROM hotKey").fetchone()
            for (trigger,) in copy.execute("SELECT name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
                copy.execute(f"DROP TRIGGER {trigger}")
            # The checksum of a row is the agent's own function; what is looked for here is text.
            copy.create_function("tidemark_mark", -1, lambda *values: 0, deterministic=True)
            copy.execute("UPDATE hotKey SET plain = NULL")
            copy.commit()
            copy.execute("PRAGMA journal_mode = DELETE")
            copy.execute("VACUUM")
            copy.close()
            data = open(sys.argv[2], "rb").read()
            found = [n for n in json.load(open(sys.argv[3])) if n.encode() in data]
            print(json.dumps({"keys": rows[0], "hash": rows[1], "found": found}))
            """
        var list = JSONWriter()
        list.beginArray()
        for needle in needles { list.string(needle) }
        list.endArray()
        let answer = try await stage.python(
            script,
            [
                "\(stage.data)/tidemark.sqlite", stage.folder.path("copy.sqlite"),
                try stage.folder.write(list.bytes, to: "needles.json"),
            ])
        let json = try JSONValue.parse(Array(answer.utf8))
        #expect((json["keys"]?.intValue ?? 0) > 0 && (json["hash"]?.intValue ?? 0) >= 16)
        #expect(json["found"]?.arrayValue?.isEmpty == true, "in the store: \(answer)")
    }
}
