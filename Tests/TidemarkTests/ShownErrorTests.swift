import AWSCore
import Logging
import TestSupport
import Testing
import Tidemark

/// What an error shows of the request that it is about: nothing that the request holds.
struct ShownErrorTests {
    /// DynamoDB's own words, with the value in them.
    @Test(arguments: [
        "Input collection [alice@example.com, alice@example.com] of type SS contains duplicates.",
        "The parameter cannot be converted to a numeric value: alice@example.com",
        #"Value "alice@example.com" at key is bad"#, "Value 'it's 'alice@example.com' at 'key' failed",
        "Supplied AttributeValue {S: alice@example.com} is empty",
    ])
    func valuesAreCutOutOfWhateverDynamoDBSays(_ message: String) async throws {
        let quoted = message.replacing("\"", with: "\\\"")
        let harness = try Harness { _, _ in
            answer(#"{"__type":"x#ValidationException","message":"\#(quoted)"}"#, status: 400)
        }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.putItem(
                table: "T", item: ["id": "alice@example.com", "roles": .stringSet(["alice@example.com"])])
        }
        var dumped = ""
        dump(error, to: &dumped)
        if let underlying = error.underlying { dump(underlying, to: &dumped) }
        for shown in ["\(error)", String(reflecting: error), dumped, "\(error.underlying as Any)"] {
            #expect(!shown.contains("alice"), "\(shown)")
        }
        #expect(error.message == message && error.revealingDescription.contains(message))
        #expect(!"\(harness.log.lines.withLock { $0 })".contains("alice"))
    }

    @Test func aValueThatHoldsAnotherIsCutOutWhole() {
        let body = Array(#"{"Key":{"a":{"S":"alice"},"b":{"S":"alice of wonderland"}}}"#.utf8)
        #expect(Redaction.withoutValues("found alice of wonderland here", of: body) == "found … here")
    }

    @Test func whatStandsBesideAValueThatWasCutOutIsCutOutToo() {
        let body = Array(#"{"Key":{"a":{"S":"alice,"},"b":{"S":"bob"}}}"#.utf8)
        #expect(Redaction.withoutValues("twice: alice,bob", of: body) == "twice: ……")
    }

    /// What DynamoDB quotes may be as large as an item; a part of it may end within a value.
    @Test func aMessageThatQuotesMuchIsNotShown() {
        let value = String(repeating: "alice", count: 1_000)
        let shown = Redaction.withoutValues("Value is bad: \(value)", of: Array(#"{"Key":{"a":{"S":"x"}}}"#.utf8))
        #expect(shown == "a message of 5014 bytes, which is not shown")
    }

    /// A request of a batch is up to 16 MB: it is read once, and nothing of it is kept but what the message quotes.
    @Test func aLargeRequestIsLookedThroughToo() {
        var body = #"{"RequestItems":{"T":["#
        for number in 0..<20_000 {
            body += #"{"PutRequest":{"Item":{"id":{"S":"customer-\#(number)"},"n":{"N":"1"}}}},"#
        }
        body += #"{"PutRequest":{"Item":{"tags":{"SS":["alice","bob"]},"l":{"L":[{"M":{"x":{"S":"carol"}}}]}}}}]}}"#
        let shown = Redaction.withoutValues(
            "customer-19999 and customer-200000: alice; bob; carol", of: Array(body.utf8))
        #expect(shown == "… and customer-200000: …; …; …")
    }

    /// A server may quote what it was sent, and not what that means.
    @Test(arguments: [
        (#"ali\"ce"#, #"ali\"ce"#), (#"ali\"ce"#, #"ali\u0022ce"#), (#"ali\\ce"#, #"ali\\ce"#),
        (#"ali\\ce"#, #"ali\u005Cce"#), (#"ali\tce"#, #"ali\tce"#), (#"ali\tce"#, #"ali\u0009ce"#),
        (#"ali\nce"#, #"ali\nce"#), (#"ali\nce"#, #"ali\u000ace"#), (#"ali\nce"#, #"ali\u000Ace"#),
        (#"\"alice"#, #"\"alice"#), (#"\nalice\n"#, #"\nalice\n"#), (#"ali/ce"#, #"ali\/ce"#),
        (#"ali\u00e9ce"#, #"ali\u00E9ce"#), (#"ali\u00e9ce"#, "aliéce"), (#"aliéce"#, #"ali\u00e9ce"#),
        (#"ali😀ce"#, #"ali\uD83D\ude00ce"#), (#"alice"#, #"\u0061lice"#), (#"ali\u0001ce"#, #"ali\u0001ce"#),
        (#"ali\"\\\n/ce"#, #"ali\"\\\n/ce"#), (#"C:\\new\\alice"#, #"C:\new\alice"#),
    ])
    func whatIsQuotedAsJSONIsCutOutToo(_ sent: String, _ said: String) {
        let body = Array(#"{"Key":{"id":{"S":"\#(sent)"}}}"#.utf8)
        #expect(Redaction.withoutValues("found \(said), twice: \(said)!", of: body) == "found …, twice: …!")
    }

    @Test(arguments: [#"ali\"#, #"ali\u"#, #"ali\u00"#, #"ali\uD83D"#, #"ali\uD83D\u0041"#, #"ali\uZZZZ"#, #"\x"#])
    func anEscapeThatIsNoneIsNoValue(_ said: String) {
        let body = Array(#"{"Key":{"id":{"S":"ali\"ce"},"x":{"S":"\\q"}}}"#.utf8)
        #expect(Redaction.withoutValues("found \(said)", of: body) == "found \(said)")
    }

    /// AWS quotes the request of a wrong signature, its token with it.
    @Test func whatTheRequestWasSignedWithIsNotGivenBack() async throws {
        let harness = try Harness(configure: {
            $0.credentials = StaticCredentials(
                Credentials(accessKeyID: "ASIA1", secretAccessKey: "s", sessionToken: "planted/token+1=="))
        }) { request, _ in
            let authorization = request.header("Authorization") ?? ""
            let signature = authorization.split(separator: "=").last ?? ""
            let said = "got \(authorization), planted/token+1==, planted%2Ftoken%2B1%3D%3D and \(signature) alone"
            return answer(#"{"__type":"x#ValidationException","message":"\#(said)"}"#, status: 400)
        }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        let underlying = try #require(error.underlying)
        for shown in [
            error.description, error.revealingDescription, error.message, "\(underlying)", underlying.message,
        ] {
            #expect(shown.contains("got …, …, … and … alone"), "\(shown)")
        }
        #expect(!"\(harness.log.lines.withLock { $0 })".contains("planted"))
    }

    @Test(arguments: [
        ("unexpected 4929123456781234 after =", "unexpected … after ="), ("near -12.5e+3 and t1", "near -… and t1"),
        ("at 3 of 1.5", "at 3 of …"), ("'4929123456781234'", "'…'"),
    ])
    func numbersOfStatementsAreCutOutToo(_ said: String, _ shown: String) {
        let body = #"{"Statement":"SELECT * FROM \"t1\" WHERE card=4929123456781234 AND x IN [-12.5e+3, 1.5]"}"#
        #expect(Redaction.withoutValues(said, of: Array(body.utf8)) == shown)
    }

    @Test func literalsOfStatementsAreCutOutToo() {
        let shown = Redaction.withoutValues(
            "Statement wasn't well formed, can't be processed: unexpected alice@example.com after =",
            of: Array(#"{"Statement":"SELECT * FROM T WHERE id = = 'alice@example.com'"}"#.utf8))
        #expect(!shown.contains("alice") && shown.contains("well formed"))
    }

    @Test func shortValuesAreCutOutOnlyWhereTheyStandAlone() {
        let body = Array(#"{"Key":{"id":{"S":"a"},"n":{"N":"1"}}}"#.utf8)
        #expect(
            Redaction.withoutValues("1 validation error: a table has a key a of 11 bytes", of: body)
                == "… validation error: … table has … key … of 11 bytes")
        #expect(Redaction.withoutValues("nothing of it", of: body) == "nothing of it")
        #expect(Redaction.withoutValues("Value 'x' is bad", of: [0xFF]) == "Value '…' is bad")
    }

    @Test func whatAServiceSaidAndWhyItThrottledIsShown() async throws {
        let harness = try Harness(configure: { $0.retry = .never }) { _, _ in
            refusal(
                "ProvisionedThroughputExceededException",
                more: #","ThrottlingReasons":[{"reason":"TableWriteKeyRangeThroughputExceeded","resource":"arn:x"}]"#)
        }
        let error = await failure { () throws(TidemarkError) in
            try await harness.client.putItem(table: "T", item: ["id": "1"])
        }
        #expect(error.description.contains("ProvisionedThroughputExceededException, HTTP 400"))
        #expect(error.description.contains("TableWriteKeyRangeThroughputExceeded"))
    }

    @Test func adviceOfOursIsShownWhole() async throws {
        struct Advising: CredentialProvider {
            func credentials(now: Timestamp) async throws(AWSConfigurationError) -> Credentials {
                throw AWSConfigurationError(
                    cause: "it prints garbage", fix: "let it print {\"Version\": 1} and nothing else")
            }
        }
        let harness = try Harness(configure: { $0.credentials = Advising() }) { _, _ in answer("{}") }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"])
        }
        #expect(error.description.contains(#"{"Version": 1} and nothing else"#))
    }

    /// What is ours quotes no value, though a value may look like a part of it.
    @Test(arguments: ["1", "127", "no", "connection", "http"])
    func whatWeSayOfAnAddressIsShownWhole(_ value: String) async throws {
        let said = "http://127.0.0.1:8000: no connection: check that the service's '1' {runs} there"
        let harness = try Harness(configure: { $0.retry = .never }) { _, _ throws(TransportError) in
            throw TransportError(code: .connect, message: said)
        }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": .string(value)])
        }
        #expect(error.description.contains(said))
        #expect("\(try #require(error.underlying))".contains(said))
    }

    // MARK: Whether to try again

    @Test func aWriteThatCannotDoItsWorkTwiceIsRetryableThoughItMayHaveBeenDone() async throws {
        let harness = try Harness(configure: { $0.retry = .never }) { _, _ throws(TransportError) in
            throw TransportError(
                code: .connectionReset, message: "reset", sent: .all)
        }
        let put = await failure { () throws(TidemarkError) in
            try await harness.client.putItem(table: "T", item: ["id": "1"])
        }
        #expect(put.mayHaveBeenApplied && put.isRetryable)
        let add = await failure { () throws(TidemarkError) in
            try await harness.client.updateItem(table: "T", key: ["id": "1"], update: [.add(1, to: "n")])
        }
        #expect(add.mayHaveBeenApplied && !add.isRetryable)
    }

    // MARK: The caller's own id

    @Test(arguments: [
        ("order-17", "order-17"), ("a\nFAKE level=error", "a?FAKE?level=error"), ("\u{1B}[31m", "?[31m"),
        (String(repeating: "x", count: 200), String(repeating: "x", count: 64)),
    ])
    func aCorrelationIDIsCleanedBeforeItIsWritten(given: String, written: String) async throws {
        let harness = try Harness { _, _ in refusal("ValidationException") }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(
                table: "T", key: ["id": "1"], options: CallOptions(correlationID: given))
        }
        #expect(error.correlationID == written)
        #expect(harness.log.lines.withLock { $0[0].metadata["correlation_id"] } == "\(written)")
    }

    @Test func anEmptyCorrelationIDIsReplacedByOneThatIsMade() async throws {
        let harness = try Harness { _, _ in refusal("ValidationException") }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "1"], options: CallOptions(correlationID: ""))
        }
        #expect(error.correlationID.count == 16)
    }

    // MARK: The service's own names

    @Test(arguments: [
        #"alice@example.com\nFORGED level=error"#, "alice@example.com", #"\u001b[31mred"#, "alice-1", "alice",
    ])
    func aNameThatIsNoneIsNotShown(_ name: String) async throws {
        let harness = try Harness { _, _ in
            HTTPResponse(
                status: 400, headers: [HTTPHeader(name: "x-amzn-RequestId", value: name)],
                body: Array(#"{"__type":"x#\#(name)","message":"no"}"#.utf8))
        }
        let error = await failure { () throws(TidemarkError) in
            _ = try await harness.client.getItem(table: "T", key: ["id": "alice", "mail": "alice-1"])
        }
        let shown = "\(error) \(error.underlying as Any) \(harness.log.lines.withLock { $0 })"
        #expect(!shown.contains("alice") && !shown.contains("FORGED") && !shown.contains("\u{1B}"), "\(shown)")
        #expect(error.underlying?.code == "unreadable" && error.requestID == "unreadable" && error.code == .client)
    }
}
