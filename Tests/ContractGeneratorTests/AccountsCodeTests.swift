import ContractEngine
import ContractGenerator
import TestSupport
import Testing

/// A contract of awkward names and unique values: what is generated of it is compiled as `Tests/GeneratedAccounts`.
struct AccountsCodeTests {
    static func document() throws -> ContractDocument {
        try ContractDocument.load(
            contractPath: "\(SharedFiles.packageRoot)/Tests/ContractGeneratorTests/Fixtures/accounts.json")
    }

    private func file(_ name: String) throws -> String {
        let code = try GeneratedCode.make(Self.document())
        return try #require(code.files.first { $0.name == name }).text
    }

    @Test func everyGeneratedFileIsTheOneThatIsCompiled() throws {
        let code = try GeneratedCode.make(Self.document())
        for file in code.files {
            let signed = try golden("Tests/GeneratedAccounts/\(file.name)", actual: file.text)
            #expect(file.text == signed, "\(file.name) differs")
        }
        #expect(
            code.patterns.filter { $0.contains("not generated") } == [
                "AP43\tnot generated\tthe key is_sealed of the index Sealed is BOOL, and a key is S, N or B"
            ])
    }

    @Test func aKeyThatIsAConstantAsksForNothing() throws {
        let repository = try file("ModeRepository.swift")
        #expect(repository.contains("public func getMode(options: CallOptions = CallOptions())"))
        #expect(repository.contains(#"try await items.get([:], pattern: "AP34", options: options)"#))
        #expect(try file("Mode.swift").contains("public init() {}"))
        #expect(try file("SettingRepository.swift").contains("items.deleteAll([:], "))
    }

    @Test func aBinaryKeyIsAskedForAsBytesAndFoundAsBase64() throws {
        let repository = try file("BlobRepository.swift")
        #expect(repository.contains("func getBlob(blobHash: [UInt8], "))
        #expect(repository.contains(#"["blob_hash": AttributeValue.keyText(blobHash)]"#))
        #expect(try file("Blob.swift").contains(#"item.binaryKey("blob_hash", blobHash)"#))
    }

    @Test func whatIsCalledAlikeButForItsSignsIsToldApart() throws {
        let tables = try file("ContractTables.swift")
        #expect(tables.contains("static let blobNotes = ") && tables.contains("static let blobNotes2 = "))
        let blob = try file("Blob.swift")
        #expect(blob.contains("struct ByParentEntry") && blob.contains("struct ByParentEntry1"))
    }

    @Test func anEntryIsReadOutOfTheKeysThatItHolds() throws {
        let follow = try file("Follow.swift")
        #expect(follow.contains("public struct InvertedEntry: ProjectedItem, Hashable {"))
        #expect(follow.contains(#"case "PK": followerID = try item.part(after: "P#")"#))
        #expect(follow.contains(#"case "SK": followeeID = try item.part(after: "F#")"#))
        #expect(try file("FollowRepository.swift").contains(#"["followee_id": followeeID]"#))
        let line = try file("OrderLine.swift")
        #expect(line.contains("orderID = parts?[0]") && line.contains("lineNo = parts.flatMap { Int($0[1]) }"))
    }

    @Test func kindsThatBeginAlikeAreToldApart() throws {
        let order = try file("Order.swift")
        #expect(order.contains(#"sort: [KeyTemplate("ORDER#{order_id}#LINE#{line_no}")]"#))
        #expect(try file("OrderLine.swift").contains(#"sort: [KeyTemplate("ORDER#{order_id}")]"#))
        // Keys of the others of the contract never begin so.
        for name in ["Account", "Session", "Setting", "Mode"] {
            #expect(!(try file("\(name).swift").contains("others: [")), "\(name)")
        }
    }

    @Test func consistentReadsAndCountsAreTheDefaultsWhereTheContractSaysThem() throws {
        let repository = try file("ReadingRepository.swift")
        let methods = repository.split(separator: "    /// AP").map(String.init)
        let latest = try #require(methods.first { $0.hasPrefix("50") })
        #expect(latest.contains("limit: Int? = 1,") && latest.contains("limit: limit,"))
        #expect(latest.contains("options: CallOptions = .consistent"))
        let all = try #require(methods.first { $0.hasPrefix("51") })
        #expect(!all.contains("limit: Int?") && all.contains("options: CallOptions = .consistent"))
        #expect(try file("SettingRepository.swift").contains("options: CallOptions = .consistent"))
        // An index cannot be read so.
        #expect(!(try file("BlobRepository.swift").contains(".consistent")))
    }

    @Test func aKeyOfWhatNoKeyIsMadeOfIsRefused() throws {
        let contract = """
            {"tables": [{"table": "T", "pk": "is_on", "attributes": [{"name": "is_on", "type": "BOOL"}]}]}
            """
        let document = try ContractDocument.read(contract: SourceText(name: "c.json", text: contract))
        do {
            _ = try GeneratedCode.make(document)
            Issue.record("it is generated")
        } catch {
            #expect(
                error.problems.map(\.message) == [
                    "c.json: the key 'is_on' of T is made of 'is_on', which is BOOL: a key is made of texts, numbers and binaries"
                ])
        }
    }

    @Test func namesThatMeanSomethingInSwiftAreOthers() throws {
        let type = try file("ActorRecord.swift")
        for line in [
            "public var selfField: String", "public var initField: String", "public var `inout`: String",
            "public var `let`: String?", "public var `await`: String?", "public var type: String?",
            "public var `protocol`: String?", "public var hashValueField: String?",
        ] { #expect(type.contains(line), "\(line)") }
        let repository = try file("ActorRecordRepository.swift")
        #expect(repository.contains("func selfAP15(") || repository.contains("func selfByGetItem("))
        #expect(!repository.contains("func items(") && !repository.contains("func `init`("))
        #expect(try file("ContractTables.swift").contains("static let selfTable = ContractTable("))
    }

    @Test func whoDoesNotKnowTheKeyFindsTheItemFirst() throws {
        let repository = try file("AccountRepository.swift")
        for line in [
            #"try await items.find(["email": email], index: "ByEmail", pattern: "AP2", options: options)"#,
            #"let found = try await items.findKey(["email": email], index: "ByEmail", pattern: "AP4", options: options)"#,
            #"items.findByScan("#, #"items.findKeyByScan("#,
            "- Important: No key or index serves it",
        ] { #expect(repository.contains(line), "\(line)") }
        // An update is never a mere Query of the index that finds its item.
        #expect(!repository.contains("InByEmail"))
        #expect(repository.contains("`email` and `region` with `nickname` are unique"))
    }

    @Test func allOfAPartitionIsClearedAndTheNewestComeFirst() throws {
        let repository = try file("SessionRepository.swift")
        #expect(
            repository.contains(
                #"try await items.deleteAll(["account_id": accountID], pattern: "AP8", options: options)"#))
        #expect(repository.contains("ascending: Bool = false"))
        #expect(repository.contains("1 call a second at peak") && !repository.contains("1 calls"))
    }

    @Test func datesAreCheckedAndNumbersMayStandForNone() throws {
        let type = try file("Account.swift")
        for line in [
            #"item.checkDate("born_on", bornOn, in: Self.bornOnDates)"#, #"item.integer("points", points ?? -1)"#,
            #"item.number("ratio", ratio ?? DynamoDBNumber("0.5"))"#,
            #"case "points": points = try item.integer(nullText: "-1")"#,
            #"case "ratio": ratio = try item.number(nullText: "0.5")"#,
        ] { #expect(type.contains(line), "\(line)") }
    }

    @Test func typesThatWouldLoseWhatTheContractMapsAreRefused() throws {
        func problems(_ attributes: String) -> [String] {
            do {
                let hints = try GenerationHints.read(
                    SourceText(name: "h.yaml", text: "entities: {Accounts.ACCOUNT: {attributes: {\(attributes)}}}"))
                _ = try GeneratedCode.make(Self.document(), hints: hints)
                return []
            } catch {
                return (error as? ContractError)?.problems.map(\.text) ?? ["\(error)"]
            }
        }
        #expect(
            problems("born_on: {type: Int}")
                == ["'Int' cannot hold 'born_on' of Accounts.ACCOUNT, whose dates have the form 'YYYY-MM-DD'"])
        #expect(
            problems("ratio: {type: Int}")
                == ["'Int' cannot hold 'ratio' of Accounts.ACCOUNT, whose source is DECIMAL(5,2)"])
        #expect(problems("points: {type: Int64}") == [])
    }

    @Test(arguments: [
        ("USER", "A user"), ("ORDER", "An order"), ("UNIT", "A unit"), ("UPLOAD", "An upload"), ("HOUR", "An hour"),
        ("UNKNOWN_THING", "An unknown thing"), ("ONE_TIME_CODE", "A one time code"), ("BIKE", "A bike"),
    ])
    func articlesAreThoseOfTheSound(kind: String, words: String) throws {
        let contract = """
            {"tables": [{"table": "T", "type": "multi-entity", "source_table": "t", "pk": "PK", "sk": "SK", "attributes": [],
              "entities": [{"entity_type": "\(kind)", "source_table": "t", "pk_template": "{id}", "sk_template": "#",
                "attributes": [{"name": "id", "type": "S", "source_table": "t", "source_column": "id"}]}]}]}
            """
        let code = try GeneratedCode.make(
            ContractDocument.read(contract: SourceText(name: "c.json", text: contract)))
        #expect(code.files.contains { $0.text.contains("/// \(words): an item of the kind `\(kind)`") })
    }
}
