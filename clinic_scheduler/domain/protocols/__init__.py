"""What is treated with what: indications, products, labels and protocols, one record each."""
