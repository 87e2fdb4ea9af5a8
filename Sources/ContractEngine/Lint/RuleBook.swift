/// What each rule says, why it matters, and what to do: one place for `--explain`, the documents and the findings' severity.
enum RuleBook {
    struct Entry {
        var severity: Finding.Severity
        var summary: String
        var why: String
        var remedy: String

        init(_ severity: Finding.Severity, _ summary: String, why: String, remedy: String) {
            (self.severity, self.summary, self.why, self.remedy) = (severity, summary, why, remedy)
        }
    }

    static func entry(of rule: Rule) -> Entry { entries[rule] ?? Entry(.warning, "", why: "", remedy: "") }

    private static let entries = documents.merging(patterns) { first, _ in first }
        .merging(keys) { first, _ in first }.merging(room) { first, _ in first }.merging(values) { first, _ in first }
        .merging(sizes) { first, _ in first }
        .merging(shapes) { first, _ in first }

    private static let documents: [Rule: Entry] = [
        .rpsTotalDiffers: Entry(
            .warning, "A total that the text states is not the sum of the pattern table's rows.",
            why: "Tables are sized and alarms are set by the rows; whoever reads the total plans for something else.",
            remedy: "Correct the total or the rows."),
        .breakdownDiffers: Entry(
            .warning, "A line gives a rate for patterns whose rows sum to another.",
            why: "Such a line is what budgets and load tests are made from.",
            remedy: "Correct the line, or the rates of the patterns that it names."),
        .sumDiffers: Entry(
            .warning, "A group's number, or a table's row of totals, is not the sum of what stands below it.",
            why: "One of the two is wrong, and nobody can tell which without adding up again.",
            remedy: "Add up again, and correct the one that is wrong."),
        .percentagesDiffer: Entry(
            .warning, "Shares that should make up a whole do not add up to 100%.",
            why: "Load was counted twice or left out, so each share is of a different whole.",
            remedy: "Reckon the shares anew from the rows."),
        .countDiffers: Entry(
            .warning, "The text counts patterns otherwise than they are listed.",
            why: "A pattern that the count has and the list has not is a pattern that nobody designed for.",
            remedy: "Count again, or list what is missing."),
        .ratioDiffers: Entry(
            .warning, "A share, a change or a factor that the text states is not that of the numbers beside it.",
            why: "Whoever decides by it decides by a number that nobody reckoned.",
            remedy: "Reckon it anew, or correct the numbers beside it."),
        .amountDiffers: Entry(
            .warning, "The text gives one thing two amounts of money.",
            why: "One of them is from another version of the design, and nobody can tell which one was agreed on.",
            remedy: "Say one of them, or say what tells them apart."),
        .rateWithoutWork: Entry(
            .warning, "Patterns that do no work in DynamoDB carry part of the stated total.",
            why:
                "The tables are then sized for load that never reaches them, unless the application does it as a Scan.",
            remedy: "Leave them out of the total, or give them an operation."),
        .rateMissing: Entry(
            .warning, "A pattern has work to do in DynamoDB and no rate.",
            why: "Without a rate it has no capacity, no cost and no alarm.", remedy: "Give its peak and average RPS."),
        .averageAbovePeak: Entry(
            .warning, "A pattern has more calls a second on average than at peak.",
            why:
                "One of the two is wrong, or the columns are exchanged: capacity and alarms follow the peak, and would be set "
                + "below what comes every day.",
            remedy: "Exchange the two, or correct the one that is wrong."),
        .planningDiffers: Entry(
            .warning, "A table is planned for another rate than the patterns that it `satisfies` have.",
            why: "The plan was made before the patterns were, or for other ones.",
            remedy: "Plan for what the patterns ask, or correct `satisfies` and the rates."),
        .indexPlanningDiffers: Entry(
            .warning, "An index is planned for another rate than the patterns that its section lists.",
            why: "Either a pattern that reads it is not listed, or the number is wrong.",
            remedy: "List every pattern that reads the index, or correct the number."),
        .planningOmitsPattern: Entry(
            .error, "A table is planned without a pattern that touches it, and whose rate the plan cannot hold.",
            why: "A pattern charges every table that its operation touches, not only the one that lists it: a checkout "
                + "that updates stock is the stock table's load.",
            remedy: "Add the pattern to the table's `satisfies` and to its planning."),
        .costBelowDemand: Entry(
            .warning, "The cost estimate buys fewer units than the patterns ask for.",
            why: "The first bill will be the surprise; or a budget alarm stops what the business needs.",
            remedy: "Budget for the demand, or ask whether rates and item sizes are right."),
        .mappingUnknownName: Entry(
            .warning, "The mapping names what is neither a table nor an index of the contract.",
            why: "The document is older than the contract. What the name stands for is then a guess, and a wrong guess "
                + "charges the wrong table.",
            remedy: "Write the contract's own name, or say it in a `--mapping` file."),
        .modelAttributeDiffers: Entry(
            .warning, "The data model lists an attribute that the contract has not, or gives it another type.",
            why: "The migration follows the contract: what only the model has is lost on the way.",
            remedy: "Add the attribute to the contract, or take it out of the model."),
        .modelKeyDiffers: Entry(
            .warning, "The data model makes a key from another column than the contract.",
            why: "Queries are written by the model and answered by the contract: they find nothing.",
            remedy: "Let both name the same column."),
        .modelUnknownName: Entry(
            .warning,
            "The data model has a section with keys on a table, an index or a kind of item that the contract has not.",
            why:
                "The migration follows the contract: what was forgotten there is not made, and what was to be stored in it is lost on the way.",
            remedy: "Add it to the contract, call it as the contract does, or take the section out of the model."),
    ]

    private static let patterns: [Rule: Entry] = [
        .satisfiesMappingDisagree: Entry(
            .warning, "`satisfies` and the mapping place a pattern on different tables.",
            why: "One of them is what the code does. Until it is known which, both are charged.",
            remedy: "Let `satisfies` name every table that the pattern's operations touch, and no other."),
        .satisfiesUnserved: Entry(
            .warning, "`satisfies` claims a pattern that DynamoDB does not serve.",
            why: "It does no work in the database, or the model leaves it unsolved: the claim says otherwise.",
            remedy: "Take it out of `satisfies`, or solve it."),
        .satisfiesUnknown: Entry(
            .warning, "`satisfies` claims a pattern that no document describes.",
            why: "It has no rate and no operation, so nothing can be reckoned or watched for it.",
            remedy: "Describe the pattern, or take it out."),
        .satisfiedTwice: Entry(
            .warning, "A pattern is claimed twice, and its operations touch one table only.",
            why: "Its load is then counted twice, or one of the claims is wrong.",
            remedy: "Keep the claim that is right."),
        .satisfiedNever: Entry(
            .error, "A pattern has work to do in DynamoDB, and no table, index or mapping serves it.",
            why: "Somebody will find out when the feature is missing.",
            remedy: "Let a table serve it, or say that DynamoDB does not."),
        .typeDiffersFromOperation: Entry(
            .warning, "A pattern is called a read and its operation writes, or the other way round.",
            why:
                "Charges and generated code follow the operation, sums and alarms of reads and writes the type: one is wrong.",
            remedy: "Correct the type or the operation."),
        .queryWithoutPartitionKey: Entry(
            .error, "A pattern is to Query a table or an index without its partition key.",
            why: "DynamoDB has no such Query: only a Scan could do it, which reads and pays for the whole table.",
            remedy: "Give the index a partition key that the caller knows."),
        .kindGuessed: Entry(
            .warning, "Which kind of item a pattern puts, changes or deletes is a guess.",
            why:
                "In a table of several kinds a word can mean another one: \"Remove a product from the wishlist\" deletes no product. "
                + "Capacity charges the kind that is taken, and generated code writes it; a deletion is not generated unless "
                + "its caller knows just that kind's key.",
            remedy:
                "Name the kind: `entity` in an overlay, a column Entity, or its key in the mapping; or give all key attributes."
        ),
        .operationLacksKey: Entry(
            .warning, "A pattern is to read or change an item by a key that its caller does not know in full.",
            why:
                "GetItem, UpdateItem and DeleteItem need the whole primary key. Where the caller knows another one, an "
                + "index has to be asked first: a second read, and one that may be behind.",
            remedy: "Ask the index first and charge it, or let the caller pass the key."),
        .updateChangesKey: Entry(
            .error, "An update changes a part of the item's own primary key.",
            why:
                "DynamoDB refuses it: an item with another key is another item. It takes a delete and a put, in one transaction so that "
                + "none is lost, and costs as much; no update is generated.",
            remedy:
                "Make it a TransactWriteItems that deletes the item and puts it anew, or take what changes out of the key and into an index."
        ),
        .patternNeedsScan: Entry(
            .warning, "No table and no index serves a pattern by key: only a Scan does.",
            why: "A Scan reads the whole table on every call, and gets slower and dearer as the table grows.",
            remedy:
                "Add an index whose partition key the caller knows, or suppress it with the reason that makes it right."
        ),
        .methodNeedsScan: Entry(
            .warning, "A method of the application's interface looks items up by what no key or index has.",
            why: "The interface has to be implemented: without an index, only a Scan can.",
            remedy: "Add an index, or take the method out of the interface."),
        .indexUnread: Entry(
            .warning, "No pattern reads an index.",
            why: "Every write of its items is paid for twice, and throttles when the index is short of capacity.",
            remedy: "Drop the index, or name the pattern that needs it."),
        .consistentIndexRead: Entry(
            .error, "A pattern wants a consistent read of a global secondary index.",
            why:
                "DynamoDB refuses such a read: an index is written after its table, and is always read eventually consistent.",
            remedy: "Read the table by its key, or say that the pattern may read what was true a moment ago."),
        .collectionRead: Entry(
            .warning, "A pattern reads several kinds of items in one Query, and one of them is taken.",
            why:
                "It is charged as a Query of that kind alone, and its method gives nothing else: both are less than what the words ask for.",
            remedy:
                "Write a Query of each kind, with its `entity` and `items`, in the overlay; or name the one that is meant."
        ),
        .kindsReadTogether: Entry(
            .note, "A Query of one kind of item also reads another, whose sort keys begin in the same way.",
            why:
                "It pays for both and gives one of them; a page that holds none of that kind is empty, and a count is of both.",
            remedy: "Give each kind a beginning of its own, or let one pattern use both."),
        .indexKeyCanBeAbsent: Entry(
            .warning, "The key of an index can be absent from items that a pattern reads through it.",
            why: "An item without the key is not in the index: the pattern does not find it, and nothing says so.",
            remedy: "Give a `null_value`, or say `sparse` at the index where that is meant."),
        .indexKeyNotFilled: Entry(
            .note, "The key of an index is computed in a way that repositories do not carry out.",
            why:
                "They fill in a key that depends on one column: on its being NULL, or on its being one of some values that are stored as "
                + "they are. Any other they ask for: with each item, and with each change of what it is computed of.",
            remedy:
                "Say it by one such condition; else let the program give the key, as the generated type asks for it."),
        .sparseDiffers: Entry(
            .warning, "An index is said to be sparse, or not to be, and the keys of its table's items say otherwise.",
            why:
                "Only items that have its keys are in an index: what it costs, and what a reader finds there, follows from that.",
            remedy:
                "Say that it is sparse, and of what, or give every kind of item its keys. Of one that is meant to be sparse say what keeps "
                + "its keys away."),
        .projectedAttribute: Entry(
            .warning, "An index projects an attribute that none of its items has, or one attribute twice.",
            why:
                "A misspelt name is never copied, so that whoever reads the index finds nothing there and has to read the table; "
                + "each name counts against the 100 that a table's indexes may have together.",
            remedy: "Correct the name in `projected_attributes`, add the attribute, or take it out."),
        .uniqueWithoutLookup: Entry(
            .warning, "A value must be unique, and no lookup item keeps it so.",
            why: "DynamoDB keeps primary keys unique and nothing else; an index does not refuse a second one.",
            remedy: "Write a lookup item in the same transaction, and say so in `unique_constraints`."),
    ]

    private static let keys: [Rule: Entry] = [
        .keyAttributeMissing: Entry(
            .error, "An item has no attribute for a key of its table, or no item has the key of an index.",
            why: "DynamoDB refuses an item without its key; an index whose key no item has stays empty.",
            remedy: "Add the attribute, or a template that makes it."),
        .keyType: Entry(
            .error,
            "A key attribute has a type that keys may not have, two types at once, or another than what its template makes.",
            why:
                "A key is S, N or B, and the same for every kind of item in the table: CreateTable and writes refuse others.",
            remedy: "Give it one of the three, everywhere the same, and S where a template puts it together."),
        .keyRepeated: Entry(
            .error, "One attribute is both the partition key and the sort key of a table or index.",
            why: "CreateTable refuses it: the two parts of a key are two attributes.",
            remedy: "Take `sk` out, or name another attribute."),
        .keyConstant: Entry(
            .error, "All items of a kind have the same key, or the same partition key (a warning).",
            why:
                "DynamoDB keeps one item a key, so that each takes the place of the one before; and one partition serves 3,000 read and "
                + "1,000 write units a second, however many items it holds.",
            remedy: "Put what tells the items apart into the key: \"USER#{user_id}\"."),
        .tableKeyCanBeAbsent: Entry(
            .error, "A key of a table is made of what may be NULL.",
            why: "DynamoDB refuses an item without its key: such rows are lost on the way, or stop it.",
            remedy: "Give a `null_value`, or make the key of what every row has."),
        .keyCollision: Entry(
            .error, "Two kinds of items of one table, or an item and a lookup item, can have the same key.",
            why:
                "DynamoDB keeps one item a key: what is written later takes the other's place, and nothing says so. It is a warning "
                + "where only the values can tell, as with the ids of two tables that both count from 1.",
            remedy: "Put the kind in front of one of the keys: \"USER#{id}\" and \"ORDER#{id}\"."),
        .templateMalformed: Entry(
            .error, "A template has a brace without its partner, braces that name nothing, or is empty.",
            why:
                "What is no placeholder stands in the key as it is, so every item gets the same one; and DynamoDB refuses an empty key.",
            remedy: "Pair the braces and name an attribute between them."),
        .templateOtherNotation: Entry(
            .error, "A template names a value in another notation than braces.",
            why: "What does not stand in braces stands in the key as it is: every item gets the same text.",
            remedy: "Write {user_id} for <user_id>, :user_id, [user_id], ${user_id} or %s."),
        .templateFormatDiffers: Entry(
            .warning, "A key's template and the format of its attribute name different things.",
            why: "Keys written by one are not found by the other.", remedy: "Let both name the same things."),
        .templateUnknownPlaceholder: Entry(
            .error, "A template has a placeholder that no attribute, column or join of its entity provides.",
            why: "The key cannot be made.",
            remedy: "Name an attribute or a column, or add the join that gives the value."),
        .templateUnknownIndex: Entry(
            .error, "An item has a key template for an index that its table has not.",
            why:
                "No index takes the key that it makes: the index that is meant has no such items, and its Queries find none.",
            remedy: "Correct the index's name, or add the index to `gsis`."),
        .templateAmbiguous: Entry(
            .warning, "A key cannot be taken apart into the values that it was made of.",
            why: "Two different items can get the same key, and the values cannot be read back from it.",
            remedy: "Put a separator between the placeholders that no value can hold."),
        .keyTooLong: Entry(
            .warning, "A key can exceed 2,048 bytes (partition) or 1,024 bytes (sort).",
            why: "DynamoDB refuses such an item when it is written, which is the day somebody has a long name.",
            remedy: "Make the key from shorter values, or from a hash."),
        .timeOrderedPartitionKey: Entry(
            .warning, "A partition key follows the clock.",
            why:
                "All writes of a day or a month go to one partition, which serves 1,000 units a second, while the others idle.",
            remedy: "Put something that spreads in front of the time, and the time into the sort key."),
        .indexDuplicate: Entry(
            .warning, "Two indexes of a table have the same keys.", why: "Both are paid for at every write.",
            remedy: "Keep one."),
        .numberSortsAsText: Entry(
            .warning, "A pattern asks for a range or an order of numbers that stand in a sort key as their digits.",
            why:
                "A sort key that is a text sorts as one: 10 comes before 9. A number is a text there behind a fixed text, or where "
                + "other kinds of items of the table have texts.",
            remedy:
                "Write the number with leading zeros, or let the key be a number for every kind of item."),
        .dateSortsAsText: Entry(
            .warning, "A pattern asks for an order or a range of dates that a sort key holds day or month first.",
            why:
                "Texts sort by their first characters: 01/12/2026 comes before 31/01/2020, and a range holds days of every year.",
            remedy: "Write dates with the year first: YYYY-MM-DD."),
    ]

    private static let values: [Rule: Entry] = [
        .denormalizedWithoutJustification: Entry(
            .warning, "An attribute is denormalized and nothing says why.",
            why: "A copy has to be kept fresh for ever; without its reason nobody knows whether it still has to be.",
            remedy: "Give a `justification`."),
        .copyNotDeclared: Entry(
            .warning, "An attribute copies another row's value and is not marked `denormalized`.",
            why: "Nothing will refresh it when the original changes.",
            remedy: "Mark it, with a `justification`, or drop the copy."),
        .joinNullUnsaid: Entry(
            .warning, "A join can find nothing, and the contract does not say what then stands in the item.",
            why:
                "Code that reads the item meets an absent attribute, an empty text or a placeholder, as each writer chose. A foreign key is "
                + "taken to find its row, unless the contract gives a sign that it may not; a lookup that makes a key is not.",
            remedy:
                "Give a `null_value` or an `else_value`; `\"nullable\": true` says that the attribute is then absent."),
        .joinUnknownName: Entry(
            .error, "A join or calculation names a table or alias that it does not have.",
            why: "It cannot be carried out; and an `else_value` of that form would be written as a text.",
            remedy: "Declare the alias with `join_alias`, or name the joined table."),
        .joinComparesRowWithItself: Entry(
            .warning, "A join's condition names one table on both sides.",
            why:
                "As SQL it compares a row with itself and finds nothing, or the wrong row. Here the left column is taken "
                + "as the joined row's, which is a guess.",
            remedy: "Give the joined row an alias with `join_alias`."),
        .selfJoinOfAnotherTable: Entry(
            .warning, "A self-join follows a column that points to another table.",
            why: "It finds a row of the wrong table, or none.",
            remedy: "Make it a foreign-key join with its `target_table`."),
        .sourceWithoutJoin: Entry(
            .warning, "A value comes from another table, and no join says which row.",
            why: "The migration cannot fill it.", remedy: "Add a `join`."),
        .constructUnusable: Entry(
            .error,
            "A join, calculation, transformation or format lacks something that it needs, or has an unknown type.",
            why: "Run time refuses to write an item that it cannot make.",
            remedy: "Complete it as the contract's schema says."),
        .formatConstant: Entry(
            .warning, "A format without a placeholder takes the place of the column's values.",
            why: "Every row gets the same text, and what the column holds reaches no item.",
            remedy: "Put the value into the format in braces, `{email}`, or take the format or the column out."),
        .sameCalculation: Entry(
            .warning, "Two attributes are computed in exactly the same way.",
            why: "They will always be equal, so one of them is not what its name says.",
            remedy: "Correct the one that is wrong."),
        .unboundedCollection: Entry(
            .note, "A collection is built into an item without a limit.",
            why: "An item holds 400 KB; the one that grows past it can no longer be written.",
            remedy: "Give a `limit`, or give the rows items of their own."),
    ]

    private static let sizes: [Rule: Entry] = [
        .oneSizeForAllEntities: Entry(
            .warning, "One item size stands for every kind of item in a table.",
            why: "Units and dollars follow the size: a small item is charged as a large one, or the other way round.",
            remedy: "Give each entity its own `estimated_item_size_bytes`."),
        .itemTooLarge: Entry(
            .error, "An item is estimated above the 400 KB that DynamoDB takes, or can grow beyond it (a warning).",
            why: "It cannot be written.",
            remedy: "Split it, or put the large part elsewhere."),
        .itemSizeTooSmall: Entry(
            .warning, "An item is estimated smaller than the names of its own attributes.",
            why: "Names count as well as values: the estimate is wrong, and so is everything reckoned from it.",
            remedy: "Reckon names plus values."),
        .requestTooLarge: Entry(
            .error,
            "A transaction has more items or bytes than DynamoDB takes; a note for a batch of more items than one request.",
            why:
                "A transaction takes 100 items and 4 MB, and is refused as a whole beyond; BatchGetItem takes 100 items, BatchWriteItem "
                + "25. What repositories are generated cuts batches into as many requests, each with an end of its own, and refuses "
                + "transactions before they are sent.",
            remedy: "Make several transactions of it; count on no batch being done as one."),
        .onePartitionOverloaded: Entry(
            .error, "The demand on a key with few values is more than its partitions can serve.",
            why: "One partition serves 3,000 read and 1,000 write units a second, whatever the table has.",
            remedy: "Spread the key: add a shard to it, or choose one with more values."),
        .aboveWarmThroughput: Entry(
            .warning, "A table or index is asked for more than it serves from its first second.",
            why:
                "A new on-demand table serves 12,000 read and 4,000 write units a second; beyond that it throttles until "
                + "it has grown.",
            remedy: "Set warm throughput before the first load, or let the load rise slowly."),
        .aboveQuota: Entry(
            .error,
            "A table or index, or all of them together (a warning), is asked for more than an account may have without asking.",
            why:
                "40,000 read and 40,000 write units a second a table are the default quota, and 80,000 of each those of all provisioned "
                + "tables of an account in a region: what is above throttles, or is refused.",
            remedy: "Ask for a higher quota in time, or spread the load over tables."),
        .tooManyIndexes: Entry(
            .error, "A table has more indexes than DynamoDB makes.",
            why: "20 global secondary indexes are the default quota.",
            remedy: "Let patterns share an index by overloading its keys."),
        .tooManyProjected: Entry(
            .error, "Indexes list more attributes than DynamoDB projects.",
            why:
                "20 attributes of an index and 100 of all indexes of a table together, each counted wherever it is listed, are the most: "
                + "DynamoDB refuses the table.",
            remedy: "Project ALL, or list only what the index's patterns read."),
    ]

    private static let shapes: [Rule: Entry] = [
        .reservedName: Entry(
            .note, "An attribute has the name of a reserved word.",
            why: "An expression that names it as it is is refused; Tidemark's own expressions use placeholders.",
            remedy: "Use a placeholder (`#level`) in every expression of your own."),
        .nameRefused: Entry(
            .error, "A table or index has a name that DynamoDB refuses.",
            why: "Names have 3 to 255 characters of a-z, A-Z, 0-9, _, - and dot.", remedy: "Rename it."),
        .timeToLiveAttribute: Entry(
            .error, "The attribute for the time to live is missing or no number.",
            why:
                "DynamoDB deletes an item by a number of seconds since 1970 and ignores anything else: nothing would expire.",
            remedy: "Make it an N that holds seconds since 1970."),
        .schemaViolation: Entry(
            .note, "The contract departs from the schema of its kind.",
            why: "Other tools may refuse it. Here the schema informs and never gates.", remedy: "See the finding."),
        .unknownField: Entry(
            .note, "The contract has a field that Tidemark does not know.",
            why: "It is kept and not used: a misspelt name would otherwise go unseen.",
            remedy: "Correct the name, or leave it: a field whose name starts with _ is for people."),
        .suppressionUnused: Entry(
            .note, "A suppression suppresses nothing.",
            why: "What it was for is mended, or its rule or subject is misspelt.", remedy: "Take it out."),
    ]
}
