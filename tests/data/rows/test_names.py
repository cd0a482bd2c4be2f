"""What the name of a column says about its values."""

from __future__ import annotations

import pytest

from segmentation.data.rows.names import (
    find_id,
    names_a_place,
    names_an_identifier,
    names_customers,
    numbers_rows,
)

CUSTOMERS = "CLIENTNUM account_no KUNNR Kundennr. Kundennummer card_no Record_ID customerID email"
CUSTOMERS += " Account_Number__c id_customer Cust_No numero_cliente ID user_email"
CUSTOMERS += " buyer Customer kunde acheteur payer_id ShopperNo Kd-Nr numero_tarjeta"
OTHERS = "ZIP_Code PLZ store_id LEID Order_ID InvoiceNo phone Filialnr branch_code zip5"
OTHERS += " Rechnungsnr Facture Nº_Pedido uid store branch SIRET barcode tel matricule"
ROWS = "Unnamed:_0 Unnamed:_0.1 __index_level_0__ index level_0 Row_Number row_id"
MEASURES = "no_of_orders number_of_orders NumberOfOrders__c num_visits order_num_total phone_calls"
MEASURES += " customers members buyers_reached account card contact client_value"
MEASURES += " stores shop_visits area region"
MEASURES += " email_opens body_mass_index paid card_spend account_age key_events children_number"


@pytest.mark.parametrize("name", CUSTOMERS.split())
def test_names_of_customers(name):
    assert names_customers(name) and names_an_identifier(name) and not numbers_rows(name)


@pytest.mark.parametrize("name", OTHERS.split())
def test_names_of_other_things(name):
    assert names_an_identifier(name) and not names_customers(name)


@pytest.mark.parametrize("name", ROWS.split())
def test_names_of_row_numbers(name):
    assert names_an_identifier(name) and numbers_rows(name) and not names_customers(name)


@pytest.mark.parametrize("name", MEASURES.split())
def test_counts_and_amounts_name_nothing(name):
    assert not names_an_identifier(name) and not names_customers(name)


@pytest.mark.parametrize("name", ["lat", "Longitude", "latitude_deg", "home_lng", "long"])
def test_places_on_the_map(name):
    assert names_a_place(name) and not names_a_place(f"{name}_term")


def test_the_first_column_is_the_id_if_its_name_says_so():
    assert find_id(["customer_id", "x"]) == "customer_id" and find_id(["no", "x"]) == "no"
    assert find_id(["spend", "customer_id"]) is find_id(["store_id"]) is find_id(["card"]) is None
