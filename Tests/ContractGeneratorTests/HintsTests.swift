import ContractEngine
import ContractGenerator
import Testing

struct HintsTests {
    private func hints(_ text: String) throws -> GenerationHints {
        try GenerationHints.read(SourceText(name: "hints.yaml", text: text))
    }

    private func code(_ hints: String) throws -> [String: String] {
        let code = try GeneratedCode.make(GoldenCodeTests.example(), hints: self.hints(hints))
        return Dictionary(uniqueKeysWithValues: code.files.map { ($0.name, $0.text) })
    }

    private func problems(_ body: () throws -> Void) -> [String] {
        do {
            try body()
            return []
        } catch {
            return (error as? ContractError)?.problems.map(\.message) ?? ["\(error)"]
        }
    }

    @Test func namesTypesProtocolsAndAccessAreTaken() throws {
        let files = try code(
            """
            access: internal
            entities:
              Riders.RIDE:
                name: Journey
                protocol: JourneyStore
                attributes:
                  distance_m: {name: metres, type: Int64, required: true}
            """)
        let type = try #require(files["Journey.swift"])
        #expect(type.contains("    var metres: Int64\n"))
        #expect(type.contains("internal import") == false && type.contains("\nimport Tidemark\n"))
        #expect(
            files["JourneyRepository.swift"]?.contains("struct JourneyRepository: JourneyStore, Sendable {") == true)
    }

    @Test func aWholeNumberMayStandInAText() throws {
        let files = try code("entities: {Bikes: {attributes: {bike_id: {type: Int}}}}")
        let bike = try #require(files["Bike.swift"])
        #expect(bike.contains("item.key(\"bike_id\", String(bikeID))"))
        #expect(bike.contains("case \"bike_id\": bikeID = try item.integerText()"))
        #expect(files["BikeRepository.swift"]?.contains("[\"bike_id\": String(bikeID)]") == true)
    }

    @Test func whatContradictsTheContractIsNamed() {
        #expect(
            problems { _ = try code("entities: {Bikes: {attributes: {kind: {type: Bool}}}}") }
                == ["hints.yaml:1: 'Bool' cannot hold 'kind' of Bikes, which is S"])
        #expect(
            problems { _ = try code("entities: {Boats: {name: Boat}}") }
                == [
                    "hints.yaml: the contract has no 'Boats'; name one of Bikes, Riders.PASS, Riders.RIDE, Riders.RIDER, Stations"
                ])
        #expect(problems { _ = try code("entities: {Bikes: {attributes: {wings: {type: Int}}}}") }.count == 1)
        #expect(problems { _ = try code("entities: {Bikes: {name: Rider}}") }.count == 1)
        #expect(problems { _ = try code("entities: {Bikes: {name: 'a b'}}") }.count == 1)
    }

    @Test func everyMistakeOfAFileIsToldWithItsPlace() {
        let found = problems {
            _ = try hints(
                "access: secret\ncolour: red\nentities:\n  Bikes: {size: 3, attributes: {kind: {required: maybe}}}\n")
        }
        #expect(found.count == 4)
        #expect(found.first?.hasPrefix("hints.yaml:1:9: access is 'secret'") == true)
    }

    @Test func noNameOfAContractMeetsOneOfTheCode() throws {
        let contract = """
            {"tables": [{"table": "Items", "type": "single-entity", "source_table": "items", "pk": "from", "sk": "name",
              "satisfies": ["AP1"], "estimated_item_size_bytes": 100, "attributes": [
                {"name": "from", "type": "S", "source_table": "items", "source_column": "from"},
                {"name": "name", "type": "S", "source_table": "items", "source_column": "name"},
                {"name": "attribute", "type": "S", "source_table": "items", "source_column": "attribute"},
                {"name": "item", "type": "N", "source_table": "items", "source_column": "item"},
                {"name": "class", "type": "BOOL", "source_table": "items", "source_column": "class"},
                {"name": "2nd-line", "type": "S", "source_table": "items", "source_column": "second"}]}],
             "access_patterns": [{"id": "AP1", "description": "List items", "operations": [
                {"operation": "Query", "table": "Items"}]}]}
            """
        let document = try ContractDocument.read(contract: SourceText(name: "contract.json", text: contract))
        let code = try GeneratedCode.make(document)
        let type = try #require(code.files.first { $0.name == "ItemRecord.swift" }).text
        for line in [
            "public var fromField: String", "public var name: String", "public var attributeField: String?",
            "public var itemField: DynamoDBNumber?", "public var `class`: Bool?", "public var _2ndLine: String?",
            #"case "name": name = try item.string()"#,
        ] { #expect(type.contains(line), "\(line)") }
        let repository = try #require(code.files.first { $0.name == "ItemRecordRepository.swift" }).text
        #expect(repository.contains("fromField: String, beginning: String? = nil, from: String? = nil"))
    }
}
