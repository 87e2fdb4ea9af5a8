import ContractEngine
import ContractModel
import Testing

/// When an update changes an index's key that is an id: two writes of the index where its words say that it does, one where they
/// only find an item by it.
struct KeyChangeTests {
    /// Bikes with an index by the station where they stand.
    private func units(
        _ description: String, keys: String = "bike_id", notes: String = "", sparse: String = "",
        projection: String = "ALL", operation: String = "UpdateItem"
    ) throws -> (writes: Double?, formula: String?, told: [String]) {
        let contract = """
            {"tables": [{"table": "Bikes", "source_table": "bikes", "pk": "bike_id", "estimated_item_size_bytes": 500,
              "gsis": [{"index_name": "ByStation", "pk": "station_id", "sk": "bike_id", "projection": "\(projection)"\(sparse)}],
              "attributes": [{"name": "bike_id", "type": "S"}, {"name": "station_id", "type": "S", "source_column": "stand_id"},
                {"name": "battery", "type": "N"}, {"name": "model", "type": "S"}, {"name": "lock_state", "type": "S"}]}]}
            """
        let patterns = """
            | Pattern | Description | Peak RPS | Type | Operation | Table | Key Attributes | Notes |
            |---|---|---|---|---|---|---|---|
            | AP1 | \(description) | 1 | Write | \(operation) | Bikes | \(keys) | \(notes) |
            """
        let plan = capacity(
            of: try ContractDocument.read(
                contract: SourceText(name: "c.json", text: contract), patterns: SourceText(name: "p.md", text: patterns)
            ))
        let demand = plan.pattern("AP1")
        let charge = demand?.charges.first { $0.index == "ByStation" }
        let told = (demand?.assumptions ?? []).filter { $0.moved == "AP1: write units of Bikes.ByStation" }.map(\.text)
        return (charge?.writeUnitsPerCall, charge?.formula, told)
    }

    @Test(arguments: [
        "Change the station of a bike", "Move a bike to another station", "Assign bike to station", "Set station",
        "Return the bike to a station", "Update the station ID of a bike", "Update station_id", "Replace its station",
    ])
    func anIDThatTheWordsChangeCostsTwoWrites(_ description: String) throws {
        let found = try units(description)
        #expect(found.writes == 2 && found.formula == "⌈500 B / 1 KB⌉ × 2")
        #expect(
            found.told == [
                "the pattern's name says that it changes station_id, a key of the index: its entry is deleted and put anew, 2 writes"
            ])
    }

    @Test(arguments: [
        "UpdateItem (SET station_id)", "UpdateItem: SET battery = :b, station_id = :s", "UpdateItem sets station_id",
    ])
    func whatTheOperationsCellSetsIsChanged(_ operation: String) throws {
        #expect(try units("End a ride", operation: operation).writes == 2)
        #expect(try units("End a ride", operation: "UpdateItem (SET battery)").writes != 2)
    }

    @Test(arguments: ["new_station_id", "station_id (new)", "new station_id", "target station id"])
    func aKeyAttributeThatIsNewSaysTheSame(_ key: String) throws {
        #expect(try units("End a ride", keys: "bike_id, \(key)").writes == 2)
    }

    @Test(arguments: [
        "Report position and battery", "Update bike by station ID", "Update a bike of a station",
        "Update the station's bike",
        "Update bike", "Move the bike from its station", "Update station", "Set battery at station", "Change bike",
    ])
    func anIDThatItemsAreOnlyFoundByCostsOne(_ description: String) throws {
        let found = try units(description, keys: "bike_id, station_id")
        #expect(found.writes == 1 && found.formula == "⌈500 B / 1 KB⌉")
        #expect(
            found.told == [
                "an update changes a projected attribute and leaves the index's key alone: 1 write, not 0 or 2"
            ])
    }

    @Test func theKindsOwnNameIsNotItsID() throws {
        // Its index has the id of the very kind that is updated, which never changes.
        let contract = """
            {"tables": [{"table": "Categories", "source_table": "categories", "pk": "name", "estimated_item_size_bytes": 500,
              "gsis": [{"index_name": "ById", "pk": "category_id", "projection": "ALL"}],
              "attributes": [{"name": "name", "type": "S"}, {"name": "category_id", "type": "S"}]}],
             "access_patterns": [
              {"id": "AP1", "description": "Change category", "rps": 1, "operation": "UpdateItem", "table": "Categories",
               "key_attributes": ["name"]}]}
            """
        let plan = capacity(of: try ContractDocument.read(contract: SourceText(name: "c.json", text: contract)))
        #expect(plan.resource(table: "Categories", index: "ById")?.writeUnitsPerSecond == 1)
    }

    // MARK: What notes say

    @Test(arguments: ["Removes station_id, and so the index entry", "Low rate; clears the `station_id`"])
    func anIDThatIsRemovedCostsItsDeletion(_ notes: String) throws {
        for projection in ["ALL", "KEYS_ONLY"] {
            let found = try units("Start a ride", notes: notes, sparse: ", \"sparse\": \"5%\"", projection: projection)
            // What is removed was there, however few have one.
            #expect(found.writes == 1)
            #expect(
                found.told.first?.hasPrefix("the documents' notes say that it removes station_id, a key of") == true)
        }
    }

    @Test(arguments: ["Sets station_id", "changes only station_id", "Updates `stand_id`"])
    func anIDThatIsSetCostsTwoWrites(_ notes: String) throws {
        let found = try units("End a ride", notes: notes, projection: "KEYS_ONLY")
        #expect(found.writes == 2 && found.told.first?.hasPrefix("the documents' notes say that it changes") == true)
    }

    @Test(arguments: [
        "GSI on station_id", "No change of station_id", "station_id changes nothing", "Validates station_id",
    ])
    func notesThatSayNothingOfTheKindChangeNothing(_ notes: String) throws {
        #expect(try units("End a ride", notes: notes).writes == 1)
    }

    @Test func ofASparseIndexTheOldEntryIsThereAsOftenAsItemsAreInIt() throws {
        // One entry is put; one item in four had one.
        let found = try units("Move a bike to a station", sparse: ", \"sparse\": \"25%\"")
        #expect(found.writes == 1.25 && found.formula == "⌈500 B / 1 KB⌉ × (1 + 25%)")
        #expect(try units("Report battery", sparse: ", \"sparse\": \"25%\"").writes == 0.25)
    }

    @Test func aPutWritesItsEntryOnceWhateverItsWordsSay() throws {
        #expect(try units("Move a bike to a station", operation: "PutItem").writes == 1)
    }

    // MARK: What an index does not hold

    private func included(_ description: String, _ attributes: String) throws -> (writes: Double?, told: [String]) {
        let contract = """
            {"tables": [{"table": "Orders", "source_table": "orders", "pk": "order_id", "estimated_item_size_bytes": 500,
              "gsis": [{"index_name": "ByShipDate", "pk": "ship_day", "projection": "INCLUDE",
                "projected_attributes": [\(attributes)]}],
              "attributes": [{"name": "order_id", "type": "S"}, {"name": "status", "type": "S", "source_column": "state"},
                {"name": "ship_day", "type": "S"}, {"name": "total", "type": "N"}, {"name": "notes", "type": "S"},
                {"name": "updated_at", "type": "S"}]}],
             "access_patterns": [{"id": "AP1", "description": "\(description)", "rps": 1, "operation": "UpdateItem",
               "table": "Orders", "key_attributes": ["order_id"]}]}
            """
        let demand = capacity(of: try GivenDocuments.read(contract)).pattern("AP1")
        let told = (demand?.assumptions ?? []).filter { $0.moved == "AP1: write units of Orders.ByShipDate" }
        return (demand?.charges.first { $0.index == "ByShipDate" }?.writeUnitsPerCall, told.map(\.text))
    }

    @Test(arguments: [
        ("Update order status", "status"), ("Set the state of an order", "status"), ("Add a note to an order", "notes"),
        ("Update order status and notes", "status and notes"),
    ])
    func anUpdateOfWhatTheIndexDoesNotHoldWritesNothingToIt(_ description: String, changed: String) throws {
        let found = try included(description, #""total""#)
        #expect(found.writes == nil)
        #expect(
            found.told == [
                "the documents' words say that it changes \(changed), which the index does not hold: it is not written"
            ])
    }

    /// Where the index holds some of it, or when it was changed, or the words leave it open, it is written.
    @Test(arguments: [
        ("Update order total", #""total""#), ("Update order status and total", #""total""#),
        ("Update order", #""total""#),
        ("Update order status", #""total", "updated_at""#), ("Update order status and address", #""total""#),
        ("Approve an order by status", #""total""#), ("Update orders of a status", #""total""#),
    ])
    func elseItIsWritten(_ description: String, attributes: String) throws {
        #expect(try included(description, attributes).writes == 1)
    }

    // MARK: What notes say of an index that holds less than all

    private static let included = #"INCLUDE", "projected_attributes": ["model"], "purpose": "of a station"#

    @Test(arguments: [
        ("Sets battery", true), ("sets `battery`, and lock_state", true), ("Removes lock_state.", true),
        ("Conditional; sets battery", true), ("Sets model", false), ("Sets battery and model", false),
        ("Sets battery and more", false), ("Sets battery; model follows", false), ("", false),
        ("Touches battery", false),
    ])
    func anIndexIsNotChargedForWhatTheNotesSayItHoldsNot(notes: String, isFree: Bool) throws {
        let found = try units("Roll out to a bike", notes: notes, projection: Self.included)
        #expect((found.writes ?? 0 == 0) == isFree, "\(found)")
    }

    @Test func theSecondOfWhatANoteSetsIsSetToo() throws {
        let found = try units("Roll out to a bike", notes: "Sets battery, station_id and model")
        #expect(found.writes == 2)
    }
}
